package ydec

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Parser is a type that reads its own text: a duration, an amount of bytes, a rate. The error's text becomes the problem that
// the user reads; a *ScalarError fills the other lines too. Types with encoding.TextUnmarshaler are read the same way, without
// the text of their errors, which speak of Go.
type Parser interface{ ParseYAML(text string) error }

// ScalarError is what a Parser may return to fill the lines of a diagnostic. What is empty is said in general words.
type ScalarError struct {
	Problem  string // what is wrong with the text
	Expected string // the forms that are accepted, or the range, after "expected"
	Hint     string // what to do
}

func (e *ScalarError) Error() string { return e.Problem }

// Formatter is a Parser that writes its text for Encode, such that ParseYAML reads the same value back. Without it,
// encoding.TextMarshaler is used.
type Formatter interface{ FormatYAML() string }

// Describer says what a Parser expects: "a duration such as 90s, 15m or 14d".
type Describer interface{ DescribeYAML() string }

// Enumerated is a type of text with a closed list of words.
type Enumerated interface{ EnumYAML() []string }

// isNull reports whether a plain scalar stands for nothing.
func isNull(s string) bool { return s == "" || s == "~" || s == "null" || s == "Null" || s == "NULL" }

// isBool holds for the two words that are bools.
func isBool(s string) bool { return s == "true" || s == "false" }

// isInt holds for an optional sign and decimal digits without leading zeros.
func isInt(s string) bool {
	s = unsigned(s)
	n := digits(s)
	return n > 0 && n == len(s) && (n == 1 || s[0] != '0')
}

// isNumber holds for decimal numbers, with fraction and exponent or without.
func isNumber(s string) bool {
	s = unsigned(s)
	n := digits(s)
	if n > 1 && s[0] == '0' {
		return false
	}
	s = s[n:]
	if strings.HasPrefix(s, ".") {
		f := digits(s[1:])
		if f == 0 {
			return false
		}
		s = s[1+f:]
	} else if n == 0 {
		return false
	}
	if s == "" {
		return true
	}
	if s[0] != 'e' && s[0] != 'E' {
		return false
	}
	exponent := unsigned(s[1:])
	return exponent != "" && digits(exponent) == len(exponent)
}

func unsigned(s string) string {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		return s[1:]
	}
	return s
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// wholeHint says how to write the whole number that the text was probably meant to be, or "".
func wholeHint(text string) string {
	if plain := strings.ReplaceAll(text, "_", ""); plain != text && isInt(plain) {
		return "write " + plain
	}
	body := unsigned(text)
	if len(body) > 1 && digits(body) == len(body) {
		return "write it without leading zeros: " + strings.TrimSuffix(text, body) + trimZeros(body)
	}
	if v, err := strconv.ParseInt(text, 0, 64); err == nil && !isInt(text) {
		return fmt.Sprintf("write it in decimal: %d", v)
	}
	if !isNumber(text) {
		return ""
	}
	v, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil || math.Abs(v) > 1<<53:
		return ""
	case v == math.Trunc(v):
		return fmt.Sprintf("write %.0f", v)
	default:
		return fmt.Sprintf("write %.0f or %.0f", math.Floor(v), math.Ceil(v))
	}
}

// numberHint is wholeHint for a field that takes fractions.
func numberHint(text string) string {
	if strings.Contains(text, ",") && isNumber(strings.Replace(text, ",", ".", 1)) {
		return "write a decimal point: " + strings.Replace(text, ",", ".", 1)
	}
	if plain := strings.ReplaceAll(text, "_", ""); plain != text && isNumber(plain) {
		return "write " + plain
	}
	if !isNumber(text) {
		return wholeHint(text)
	}
	return ""
}

func trimZeros(s string) string {
	s = strings.TrimLeft(s, "0")
	if s == "" {
		return "0"
	}
	return s
}

// boolHint knows the words that other YAML readers take for bools.
func boolHint(text string) string {
	switch strings.ToLower(text) {
	case "yes", "y", "on", "true", "1":
		return "write true"
	case "no", "n", "off", "false", "0":
		return "write false"
	}
	return ""
}
