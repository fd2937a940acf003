package ydec

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A fixture is a file of documents, each behind a line "=== title". What must be reported stands on its line as
//
//	### @column `regexp` ...
//
// (the column may be left out) and is cut off before the text is read. The regexp is matched against
// "path: problem | found and expected (did you mean) | hint". Every diagnostic must be expected and every expectation met.
var expectation = regexp.MustCompile("(?:@(\\d+) )?`([^`]*)`")

func TestErrorFixtures(t *testing.T) {
	files, _ := filepath.Glob("testdata/errors/*.yaml")
	if len(files) == 0 {
		t.Fatal("no fixtures")
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, chunk := range strings.Split("\n"+string(data), "\n=== ")[1:] {
			title, text, _ := strings.Cut(chunk, "\n")
			t.Run(filepath.Base(file)+"/"+title, func(t *testing.T) { checkFixture(t, text) })
		}
	}
}

type expected struct {
	line   int
	column string
	re     *regexp.Regexp
}

func checkFixture(t *testing.T, text string) {
	var wants []expected
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		before, comment, ok := strings.Cut(line, " ###")
		if !ok {
			continue
		}
		lines[i] = before
		for _, m := range expectation.FindAllStringSubmatch(comment, -1) {
			wants = append(wants, expected{i + 1, m[1], regexp.MustCompile(m[2])})
		}
	}
	var s scenario
	_, diags := Decode("f", []byte(strings.Join(lines, "\n")+"\n"), &s, Options{})
	if len(wants) == 0 && len(diags) != 1 {
		t.Errorf("got %d diagnostics, want one:\n%s", len(diags), diags.Error())
	}
	for _, d := range diags {
		if len(wants) > 0 && !takeExpected(&wants, d) {
			t.Errorf("not expected: %s", d)
		}
	}
	for _, want := range wants {
		t.Errorf("line %d: expected %q", want.line, want.re)
	}
}

func takeExpected(wants *[]expected, d *Diagnostic) bool {
	text := d.Problem
	if d.Path != "" {
		text = d.Path + ": " + text
	}
	second := d.Expected
	if d.Suggestion != "" {
		second += `   (did you mean "` + d.Suggestion + `"?)`
	}
	for _, line := range []string{second, d.Hint} {
		if line != "" {
			text += " | " + line
		}
	}
	for i, want := range *wants {
		column := Pos{"", 1, d.Column}.String()[3:]
		if want.line == d.Line && (want.column == "" || want.column == column) && want.re.MatchString(text) {
			*wants = append((*wants)[:i:i], (*wants)[i+1:]...)
			return true
		}
	}
	return false
}
