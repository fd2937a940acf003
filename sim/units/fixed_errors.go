package units

import "strings"

func integerError(b []byte) error {
	got := string(b)
	hint := ""
	switch {
	case got == "":
		hint = "the field is empty"
	case strings.Contains(got, ","):
		hint = "leave out the thousands separators"
	case strings.ContainsAny(got, "."):
		hint = "a whole number is needed here"
	case strings.TrimSpace(got) != got:
		hint = "remove the spaces around it"
	}
	return newError("integer", got, "digits with an optional sign", hint)
}

func rangeError(what string, b []byte, limits string) error {
	return newError(what, string(b), limits, "the number does not fit in 64 bits")
}

// fixedError explains what scanFixed refused; it runs only on failure, so it may look at the text again.
func fixedError(what string, b []byte, why fixedFault, want, limits string) error {
	got := string(b)
	if why == fixedRange {
		return newError(what, got, limits, "is the unit right?")
	}
	return newError(what, got, want, fixedHint(got))
}

func fixedHint(got string) string {
	bare := strings.ToLower(strings.TrimLeft(got, "+-"))
	switch {
	case got == "":
		return "the field is empty"
	case bare == "nan" || bare == "inf" || bare == "infinity":
		return "a missing value must be left empty or the row left out"
	case strings.TrimSpace(got) != got:
		return "remove the spaces around it"
	case strings.Contains(got, ","):
		return "leave out thousands separators, and write the decimal point as a dot"
	case isExponent(bare):
		return "write it without an exponent"
	case strings.Contains(got, ":"):
		return "convert clock times to seconds"
	}
	return ""
}

func isExponent(lower string) bool {
	mant, exp, ok := strings.Cut(lower, "e")
	return ok && mant != "" && exp != "" && strings.Trim(mant, "0123456789.") == "" && strings.Trim(exp, "+-0123456789") == ""
}
