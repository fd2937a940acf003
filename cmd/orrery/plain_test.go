package main

import "testing"

func TestNothingFromOutsideSteersTheTerminal(t *testing.T) {
	for in, want := range map[string]string{
		"two weeks\tof\njobs": "two weeks\tof\njobs", "\x1b[31mred\a": `\x1b[31mred\x07`, "\u009b2J": `\x9b2J`, "a\u202eb": `a\x202eb`, "Zürich": "Zürich",
	} {
		if got := plain(in); got != want {
			t.Errorf("plain(%q) = %q, want %q", in, got, want)
		}
	}
}
