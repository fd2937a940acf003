package units

import "strings"

// MicroPerUnit is how many of the integers that stand for money make one unit of a currency.
const MicroPerUnit = 1_000_000

// ParseMoney reads an amount such as `34.74` as millionths of the currency, which stands elsewhere (a column, a key).
// Further decimals, which spreadsheets print, are rounded to the nearest millionth, ties away from zero; an amount that
// would be rounded to nothing is an error. The range is +-9223372036854.775807.
func ParseMoney(s string) (micro int64, err error) {
	v, why := scanFixed([]byte(s), 6, MicroPerUnit)
	if why == fixedOK && (v != 0 || strings.Trim(s, "+-0.") == "") {
		return v, nil
	}
	const want = "an amount such as 34.74"
	switch {
	case why == fixedOK:
		return 0, newError("money", s, want, "less than a millionth: give the price for a longer time or more units")
	case strings.ContainsAny(s, "$€£¥") || len(s) > 3 && strings.Trim(s[len(s)-3:], "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "":
		return 0, newError("money", s, want, "write the number alone: the currency has a field of its own")
	}
	return 0, fixedError("money", []byte(s), why, want, "at most 9223372036854.775807")
}

// MoneyText is the exact amount without trailing zeros: 34.74. ParseMoney reads it back.
func MoneyText(micro int64) string { return string(AppendFixed(nil, micro, 6)) }

// FormatMoney is an amount for reading, three significant digits with the sign of its currency or, for one that has no
// common sign, its code: $12.4k, ¥34.7, -$1.2M, CHF 12.4k. currency is an ISO 4217 code.
func FormatMoney(micro int64, currency string) string {
	sign := ""
	if micro < 0 {
		sign = "-"
	}
	symbol := currency + " "
	switch currency {
	case "USD":
		symbol = "$"
	case "CNY":
		symbol = "¥"
	case "EUR":
		symbol = "€"
	case "GBP":
		symbol = "£"
	case "":
		symbol = ""
	}
	number, prefix := scale3(abs(float64(micro) / MicroPerUnit))
	return sign + symbol + number + prefix
}
