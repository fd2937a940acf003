package play

import (
	"strings"

	"github.com/orrery-sim/orrery/sim/state"
)

// understood is what a command line that the simulation can follow would do.
type understood struct {
	run  state.Time
	code int
}

// understand follows a command line made of sleep, exit, true, false, echo and :, joined by ; && || and line ends, also
// within sh -c or bash -c. It reports false where it meets anything else before the end is decided.
func understand(command string) (understood, bool) {
	var u understood
	tokens, ok := split(command)
	if !ok || len(tokens) == 0 {
		return u, false
	}
	if len(tokens) == 3 && isShell(tokens[0]) && (tokens[1] == "-c" || tokens[1] == "-lc" || tokens[1] == "-ec") {
		return understand(tokens[2])
	}
	skip, ran := false, false
	var words []string
	for i := 0; i <= len(tokens); i++ {
		if i < len(tokens) && !isJoint(tokens[i]) {
			words = append(words, tokens[i])
			continue
		}
		if len(words) > 0 && !skip {
			exits, known := u.statement(words)
			if !known {
				return u, false
			}
			ran = true
			if exits {
				return u, true
			}
		}
		words = words[:0]
		if i < len(tokens) {
			switch tokens[i] {
			case "&&":
				skip = u.code != 0
			case "||":
				skip = u.code == 0
			default:
				skip = false
			}
		}
	}
	return u, ran
}

// statement follows one simple command; it reports whether the shell ends with it, and whether it is known.
func (u *understood) statement(words []string) (exits, known bool) {
	switch words[0] {
	case "sleep":
		if len(words) < 2 {
			return false, false
		}
		for _, w := range words[1:] {
			d, ok := sleepFor(w)
			if !ok {
				return false, false
			}
			u.run = u.run.Add(d)
		}
		u.code = 0
		return u.run == state.Never, true
	case "exit":
		if len(words) == 1 {
			return true, true
		}
		code, ok := exitCode(words[1])
		u.code = code
		return true, ok && len(words) == 2
	case "true", ":", "echo", "set", "export", "cd", "printf":
		u.code = 0
		return false, true
	case "false":
		u.code = 1
		return false, true
	}
	return false, false
}

func sleepFor(w string) (state.Time, bool) {
	if w == "infinity" || w == "inf" {
		return state.Never, true
	}
	d, err := duration(w)
	return d, err == nil && d >= 0
}

func exitCode(w string) (int, bool) {
	n := 0
	for _, c := range w {
		if c < '0' || c > '9' || n > 255 {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n & 255, w != "" && n <= 255
}

func isShell(w string) bool {
	switch w {
	case "sh", "bash", "/bin/sh", "/bin/bash":
		return true
	}
	return false
}

func isJoint(w string) bool { return w == ";" || w == "&&" || w == "||" || w == "\n" }

// split cuts a command line into words and joints. Quotes join words; it reports false for what needs a real shell.
func split(line string) ([]string, bool) {
	var out []string
	var word strings.Builder
	open := false
	end := func() {
		if open {
			out = append(out, word.String())
			word.Reset()
			open = false
		}
	}
	for i := 0; i < len(line); i++ {
		switch c := line[i]; c {
		case ' ', '\t', '\r':
			end()
		case '\n', ';':
			end()
			out = append(out, ";")
		case '&', '|':
			if i+1 >= len(line) || line[i+1] != c {
				return nil, false
			}
			end()
			out = append(out, line[i:i+2])
			i++
		case '\'', '"':
			n := strings.IndexByte(line[i+1:], c)
			if n < 0 {
				return nil, false
			}
			word.WriteString(line[i+1 : i+1+n])
			open = true
			i += n + 1
		case '$', '`', '(', ')', '<', '>', '\\', '*', '#', '{', '}':
			return nil, false
		default:
			word.WriteByte(c)
			open = true
		}
	}
	end()
	return out, true
}
