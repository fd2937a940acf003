package ydec

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

var errorForm = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?((?s).*)$`)

// syntaxDiagnostic says in our words, and with a column, what the YAML library could not read. The library gives a line, often
// that of the beginning of the construct or one off, and no column; both are found by reading ever shorter beginnings of
// the text.
func syntaxDiagnostic(file string, data []byte, err error) *Diagnostic {
	problem, line := splitError(err)
	d := &Diagnostic{Pos: Pos{file, line, 1}}
	end := len(data)
	if at, ok := locate(data, problem); ok {
		end = at
		_, size := utf8.DecodeLastRune(data[:end])
		d.Line, d.Column = place(data, end-size)
	}
	start := bytes.LastIndexByte(data[:end], '\n') + 1
	if end > start && end == len(data) && data[end-1] == '\n' {
		start = bytes.LastIndexByte(data[:end-1], '\n') + 1
	}
	text, _, _ := strings.Cut(string(data[start:]), "\n")
	describeSyntax(d, problem, text, data[:end], data)
	return d
}

func splitError(err error) (problem string, line int) {
	m := errorForm.FindStringSubmatch(err.Error())
	line, _ = strconv.Atoi(m[1])
	return m[2], max(line, 1)
}

// place is the line and column of an offset.
func place(data []byte, offset int) (line, column int) {
	before := data[:offset]
	return bytes.Count(before, []byte("\n")) + 1, utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
}

// locate is the end of the shortest beginning of data that fails with this problem while the beginnings before it do not:
// first to the line, then to the character. Large texts are left to the library's line.
func locate(data []byte, problem string) (end int, ok bool) {
	const maxLocated = 256 << 10
	if len(data) > maxLocated {
		return 0, false
	}
	fails := func(end int) bool {
		_, _, err := readDocuments(data[:end])
		if err == nil {
			return false
		}
		p, _ := splitError(err)
		return p == problem
	}
	lines := []int{0}
	for i, b := range data {
		if b == '\n' && i+1 < len(data) {
			lines = append(lines, i+1)
		}
	}
	lines = append(lines, len(data))
	last := lastRise(lines, fails)
	if last < 0 {
		return 0, false
	}
	runes := []int{lines[last-1]}
	for i := lines[last-1]; i < lines[last]; {
		_, n := utf8.DecodeRune(data[i:])
		i += n
		runes = append(runes, i)
	}
	if c := lastRise(runes, fails); c > 0 {
		return runes[c], true
	}
	return lines[last], true
}

// lastRise is the largest i for which fails holds at ends[i] and not at ends[i-1], searched backwards step by step while that is
// cheap (an earlier rise may be a quote that a later line closes), else by halving. It is -1 where fails does not hold at the end.
func lastRise(ends []int, fails func(end int) bool) int {
	const maxWork = 1 << 20 // bytes read again
	hi := len(ends) - 1
	if !fails(ends[hi]) {
		return -1
	}
	for work := 0; hi > 1 && work < maxWork; hi-- {
		if work += ends[hi-1]; !fails(ends[hi-1]) {
			return hi
		}
	}
	for lo := 0; hi-lo > 1; {
		if mid := (lo + hi) / 2; fails(ends[mid]) {
			hi = mid
		} else {
			lo = mid
		}
		if hi-lo == 1 {
			break
		}
	}
	return hi
}

// describeSyntax puts the library's problem into words for somebody who writes YAML; text is the line it is on, before what
// was read until then.
func describeSyntax(d *Diagnostic, problem, text string, before, whole []byte) {
	indent := len(text) - len(strings.TrimLeft(text, " \t"))
	switch {
	case strings.Contains(text[:indent], "\t") || strings.Contains(problem, "tab character"):
		d.Problem = "a tab cannot indent a line"
		if tab := strings.IndexByte(text[:indent], '\t'); tab >= 0 {
			d.Column = tab + 1
		}
		d.Do("indent with blanks")
	case strings.Contains(problem, "mapping values are not allowed") && d.Column > 1024:
		d.Problem = "a key is longer than 1,024 characters"
		d.Want("found %s", quote(text)).Do("shorten it")
	case strings.Contains(problem, "mapping values are not allowed"):
		d.Problem = `a second ": " in one line`
		d.Do("put a value that holds a colon in quotes; put a nested key on a line of its own, indented")
	case strings.Contains(problem, "did not find expected key"), strings.Contains(problem, "'-' indicator"):
		d.Problem = "this line fits neither the lines above nor a new level"
		d.Column = utf8.RuneCountInString(text[:indent]) + 1
		d.Want("found %s", quote(strings.TrimSpace(text))).Do("indent it exactly like the keys or dashes that it belongs to")
	case strings.Contains(problem, "expected ':'"):
		d.Problem = "a key without a value"
		d.Want("found %s; expected \"key: value\"", quote(strings.TrimSpace(text))).Do("write a colon and a blank after the key")
	case strings.Contains(problem, "cannot start any token"):
		r, _ := utf8.DecodeLastRune(before)
		d.Problem = "a value cannot begin with " + quote(string(r))
		d.Do("put the value in quotes")
	case strings.Contains(problem, "unexpected end of stream"), strings.Contains(problem, "unexpected document indicator"):
		d.Problem = "a quote is not closed"
		d.Do("close the quote that was opened here")
	case strings.Contains(problem, "',' or"), strings.Contains(problem, "expected node content"):
		describeBracket(d, text, before, whole)
	case strings.Contains(problem, "block sequence entries"):
		d.Problem = "a list item does not belong here"
		d.Do("put the dash on a line of its own, indented under its key")
	case strings.Contains(problem, "unknown anchor"):
		_, name, _ := strings.Cut(strings.TrimSuffix(problem, "' referenced"), "'")
		d.Problem = "no anchor is named " + quote(name)
		d.Column = max(1, d.Column-utf8.RuneCountInString(name))
		d.Do("name it by & before it is used; put a value that begins with * in quotes")
	case strings.Contains(problem, "unknown escape"):
		d.Problem = "this escape is not known"
		d.Want(`expected \", \\, \n, \t, \xNN or \uNNNN`).Do("use single quotes where backslashes are meant as such")
	case strings.Contains(problem, "unknown problem"):
		d.Problem = "this cannot be read as YAML"
	default:
		d.Problem = "this cannot be read as YAML: " + strings.TrimPrefix(problem, "found ")
	}
}

// describeBracket points at the bracket that was left open: in the whole text or, where that closes all, before the fault.
func describeBracket(d *Diagnostic, text string, before, whole []byte) {
	d.Problem = "this cannot be read as a value"
	d.Want("found %s", quote(strings.TrimSpace(text)))
	open := openBracket(whole)
	if open < 0 {
		open = openBracket(before)
	}
	if open >= 0 {
		d.Line, d.Column = place(before, open)
		closing := map[byte]string{'[': "]", '{': "}"}[whole[open]]
		d.Problem = "a " + string(whole[open]) + " is not closed, or a comma is missing after it"
		d.Do("separate what stands inside by commas and close it with %s", closing)
	}
}

// openBracket is the offset of the innermost bracket that is open at the end of the text, or -1. Quotes and comments are passed
// over as far as a scan without a grammar can tell.
func openBracket(text []byte) int {
	var open []int
	quoted := byte(0)
	for i := 0; i < len(text); i++ {
		b := text[i]
		wordStart := i == 0 || bytes.IndexByte([]byte(" \t\n[{,:"), text[i-1]) >= 0
		switch {
		case quoted == '"' && b == '\\':
			i++
		case quoted != 0:
			if b == quoted {
				quoted = 0
			}
		case (b == '"' || b == '\'') && wordStart:
			quoted = b
		case b == '#' && wordStart:
			for i < len(text) && text[i] != '\n' {
				i++
			}
		case (b == '[' || b == '{') && (wordStart || len(open) > 0):
			open = append(open, i)
		case (b == ']' || b == '}') && len(open) > 0:
			open = open[:len(open)-1]
		}
	}
	if len(open) == 0 {
		return -1
	}
	return open[len(open)-1]
}
