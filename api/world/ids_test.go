package world

import (
	"testing"

	"pgregory.net/rapid"
)

// Every form of a job's id leads back to the job, and no other text does.
func TestIDsLeadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := &World{ids: newIdentity(rapid.Uint64().Draw(t, "seed"))}
		v := View{w: w}
		j := &Job{Number: rapid.Uint64Range(0, 1<<60).Draw(t, "number"), Command: rapid.Uint64Range(0, 1<<60).Draw(t, "command")}
		token, long, short := v.Token(j), v.LongID(j), v.ShortID(j)
		if len(token) != 13 || len(short) != 12 || len(long) != 36 || long[14] != '4' {
			t.Fatalf("%q %q %q", token, long, short)
		}
		if got := TokenOfLong(long); got != token {
			t.Errorf("%s leads to %q, want %q", long, got, token)
		}
		if got := w.TokenOfShort(short); got != token {
			t.Errorf("%s leads to %q, want %q", short, got, token)
		}
		i := rapid.IntRange(0, 35).Draw(t, "at")
		if bent := []byte(long); bent[i] != '-' {
			bent[i] = "0123456789abcdef"[rapid.IntRange(0, 15).Draw(t, "digit")]
			if got := TokenOfLong(string(bent)); string(bent) != long && got == token {
				t.Errorf("%s leads to a job that is called %s", bent, long)
			}
		}
	})
	for _, text := range []string{"", "zzzzzzzzzzzz", "00000000000", "0000000000000", "00000000-0000-4000-8000-00000000000"} {
		w := &World{ids: newIdentity(1)}
		if got := w.TokenOfShort(text); got != "" {
			t.Errorf("short %q leads to %q", text, got)
		}
		if got := TokenOfLong(text); got != "" {
			t.Errorf("long %q leads to %q", text, got)
		}
	}
}
