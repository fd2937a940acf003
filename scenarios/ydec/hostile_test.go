package ydec

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestHostileInputIsRefused(t *testing.T) {
	laughs := "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
	for i := range 9 {
		laughs += fmt.Sprintf("a%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i), 10), ","))
	}
	tests := map[string]struct{ text, want string }{
		"empty":               {"", "f:1:1  the file is empty"},
		"blank":               {"\n\n  \n", "the file is empty"},
		"only dashes":         {"---\n", "the file is empty"},
		"byte order mark":     {"\xef\xbb\xbf", "the file is empty"},
		"billion laughs":      {laughs, "too many values"},
		"deep flow":           {strings.Repeat("[", 200), "cannot be read as YAML|not closed|cannot be read"},
		"deep lists":          {"a: " + strings.Repeat("[", 70) + strings.Repeat("]", 70), "f:1:67  mappings and lists are too deep"},
		"deep blocks":         {deepBlocks(100), "too deep"},
		"not UTF-8":           {"a: 1\nb: \"é\xff\"\n", "f:2:6  the text is not UTF-8"},
		"UTF-16":              {"\xff\xfea\x00:\x00", "f:1:1  the text is not UTF-8"},
		"NUL":                 {"a: 1\x00", "f:1:5  a control character"},
		"escape":              {"a: \x1b[2J", "f:1:4  a control character"},
		"carriage return":     {"apiVersion: orrery/v1\r\nsede: 1\r\n", "f:2:1  unknown key"},
		"long key":            {strings.Repeat("k", 5000) + ": 1", "longer than 1,024"},
		"very long key":       {"? " + strings.Repeat("k", 5000) + "\n: 1", "unknown key"},
		"byte order mark, ok": {"\xef\xbb\xbfsede: 1", "f:1:1  unknown key"},
	}
	for name, tt := range tests {
		var s scenario
		_, diags := Decode("f", []byte(tt.text), &s, Options{})
		text, found := diags.Error(), false
		for _, want := range strings.Split(tt.want, "|") {
			found = found || strings.Contains(text, want)
		}
		if !found {
			t.Errorf("%s: got %q, want %q", name, cut(text), tt.want)
		}
		if len(text) > 10_000 {
			t.Errorf("%s: the message has %d bytes", name, len(text))
		}
	}
}

func deepBlocks(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

func TestLimits(t *testing.T) {
	for _, tt := range []struct {
		limits Limits
		want   string
	}{
		{Limits{Bytes: 10}, "too large"},
		{Limits{Depth: 3}, "too deep"},
		{Limits{Values: 10}, "too many values"},
	} {
		var s scenario
		_, diags := Decode("f", []byte(sampleText), &s, Options{Limits: tt.limits})
		if len(diags) != 1 || !strings.Contains(diags.Error(), tt.want) {
			t.Errorf("%+v: got %v", tt.limits, diags)
		}
	}
}

// Texts that made readers of YAML slow; the limit is generous, a quadratic reader needs minutes.
func TestHostileInputIsReadInTime(t *testing.T) {
	for _, unit := range []string{
		"[", "{", "- ", "? ", "a: ", "#\n", "# c\n", "\n", "&a ", "'", "\"", "a,", "!", "*a ", "- - ", "[a,", "{a: ", "a\n", "- #\n", " ", "a: 1\n", "|\n", "%\n", ": ",
		"- a\n", "[],", "---\n", "a: &a\n",
	} {
		for _, lead := range []string{"", "a:\n  - ["} {
			// the second is of a size whose faults are looked for character by character
			for _, size := range []int{512 << 10, 64 << 10} {
				checkInTime(t, lead, unit, size)
			}
		}
	}
}

func checkInTime(t *testing.T, lead, unit string, size int) {
	t.Helper()
	text := lead + strings.Repeat(unit, (size-len(lead))/len(unit))
	began := time.Now()
	var s scenario
	_, diags := Decode("f", []byte(text), &s, Options{})
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("%q + %q: took %v", lead, unit, took)
	} else if took > 2*time.Second {
		t.Logf("%q + %q: took %v", lead, unit, took)
	}
	if len(diags) == 0 {
		t.Errorf("%q + %q was read", lead, unit)
	}
}
