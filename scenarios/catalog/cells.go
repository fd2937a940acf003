package catalog

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/orrery-sim/orrery/sim/units"
)

// cell is the text of a column, empty if the sheet does not have it.
func (r row) cell(column string) (text string, p place) {
	i, ok := r.s.header[column]
	if !ok {
		return "", place{r.at[0].line, 1}
	}
	text, p = r.cells[i], r.at[i]
	if trimmed := strings.TrimSpace(text); trimmed != text {
		r.s.fail(p, column, text, "no spaces around it", "")
		return trimmed, p
	}
	return text, p
}

func (r row) text(column string) string {
	t, _ := r.cell(column)
	return t
}

// key is a text that must be there and be one word.
func (r row) key(column string) string {
	t, p := r.cell(column)
	if t == "" || strings.ContainsAny(t, " \t") {
		r.s.fail(p, column, t, "a name without spaces", "")
	}
	return t
}

func (r row) words(column string) []string { return strings.Fields(r.text(column)) }

// parsed reads a cell that may be empty (0) with one of the readers of package units.
func (r row) parsed(column string, read func(string) (int64, error)) int64 {
	t, p := r.cell(column)
	if t == "" {
		return 0
	}
	v, err := read(t)
	var u *units.Error
	switch {
	case errors.As(err, &u):
		r.s.fail(p, column, u.Got, u.Want, u.Hint)
		return 0
	case err != nil:
		r.s.fail(p, column, t, err.Error(), "")
		return 0
	case v < 0:
		r.s.fail(p, column, t, "no negative number", "leave the cell empty if it is not known")
		return 0
	}
	return v
}

func (r row) bytes(column string) int64 { return r.parsed(column, units.ParseBytes) }
func (r row) rate(column string) int64  { return r.parsed(column, units.ParseRate) }
func (r row) money(column string) int64 { return r.parsed(column, units.ParseMoney) }

// whole is a count or a number of watts.
func (r row) whole(column string) int {
	return int(r.parsed(column, func(t string) (int64, error) {
		v, err := units.ParseInt([]byte(t))
		if err == nil && v > math.MaxInt32 {
			return 0, &units.Error{What: column, Got: t, Want: "at most 2147483647", Hint: "is the unit right?"}
		}
		return v, err
	}))
}

// scaled reads a decimal with three decimals and multiplies what comes out.
func (r row) scaled(column string, by int64) int64 {
	return r.parsed(column, func(t string) (int64, error) {
		v, err := units.ParseFixed([]byte(t), 3)
		if err == nil && v > math.MaxInt64/by {
			return 0, &units.Error{What: column, Got: t, Want: "a smaller number", Hint: "is the unit right?"}
		}
		return v * by, err
	})
}

// links reads `8x400Gb/s`, or a total with nics = 0.
func (r row) links(column string) (nics int, total int64) {
	total = r.parsed(column, func(t string) (int64, error) {
		count, each, many := strings.Cut(t, "x")
		if !many {
			return units.ParseRate(t)
		}
		n, err := strconv.ParseUint(count, 10, 10)
		if err != nil || n == 0 {
			return 0, &units.Error{What: column, Got: t, Want: "a count from 1 to 1023 before the x, as in 8x400Gb/s"}
		}
		rate, err := units.ParseRate(each)
		if err == nil && rate > math.MaxInt64/int64(n) {
			return 0, &units.Error{What: column, Got: t, Want: "a smaller rate"}
		}
		nics = int(n)
		return rate * int64(n), err
	})
	return nics, total
}

// date is empty or a day.
func (r row) date(column string) string {
	t, p := r.cell(column)
	if t != "" {
		if _, err := time.Parse(time.DateOnly, t); err != nil {
			r.s.fail(p, column, t, "a day as 2026-11-21", "")
			return ""
		}
	}
	return t
}

// origin reads the last four columns; a person's own row needs none of them.
func (r row) origin() Origin {
	o := Origin{Tag: TagUser, Source: r.text("source"), Facts: r.text("facts"), Note: r.text("note"), File: r.s.file, Line: r.at[0].line}
	for c, i := range r.s.header {
		if r.cells[i] == "" && !slices.Contains(origins, c) {
			o.missing = append(o.missing, c)
		}
	}
	for _, c := range slices.Concat(r.s.kind.required, r.s.kind.optional) {
		if _, ok := r.s.header[c]; !ok {
			o.missing = append(o.missing, c)
		}
	}
	slices.Sort(o.missing)
	t, p := r.cell("tag")
	for i, word := range strings.Fields(t) {
		column, letter, exception := strings.Cut(word, "=")
		if !exception {
			letter = word
		}
		if exception != (i > 0) || len(letter) != 1 || !strings.Contains("DMCRE", letter) {
			r.s.fail(p, "tag", t, "D, M, C, R or E, then exceptions as nvlink=D", "")
			break
		}
		if !exception {
			o.Tag = Tag(letter[0])
			continue
		}
		if _, ok := r.s.header[column]; !ok || slices.Contains(o.missing, column) {
			r.s.fail(p, "tag", word, "a column of this table that the row fills", "")
			break
		}
		o.exceptions = append(o.exceptions, exceptionTag{column, Tag(letter[0])})
	}
	return o
}
