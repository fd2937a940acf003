package reports

import (
	"math"
	"strconv"
)

// Table is rows of cells under named columns. The packages that print tables escape what the cells say.
type Table struct {
	ID      string // as Section.ID; names its file too
	Caption string
	Columns []Column
	Rows    [][]Cell
	Fold    bool   // long and rarely read: a page hides it until it is asked for
	Behind  string // what the rows are a part of, when they are not all: "20 of 1,312 users, by GPU-hours"
}

// Column heads a column. Key names it in files and ends with the unit's key.
type Column struct {
	Name, Key string
	Unit      Unit // Text for names
}

// Cell is a name or a quantity.
type Cell struct {
	Text string // for a quantity: what to show instead of Quantity.Human, "" for that
	Quantity
	Best  bool   // the best of its column
	Real  bool   // differs from the baseline beyond chance
	Color Color  // a swatch before the text, "" for none
	Title string // for hover, "" for the exact quantity
	Code  string // for a word: what files say in its place, "" for the same
}

// Word returns a cell of text, which must be clean.
func Word(text string) Cell { return Cell{Text: text, Quantity: Quantity{math.NaN(), Text}} }

// Number returns a cell of a quantity.
func Number(v float64, unit Unit) Cell { return Cell{Quantity: Quantity{v, unit}} }

// Shown returns what the cell says to a person.
func (c Cell) Shown() string {
	if c.Text != "" || c.Unit == Text {
		return c.Text
	}
	return c.Human()
}

// Raw returns what the cell says to a program: the number in its base unit with all digits, or the text. A missing number
// is empty.
func (c Cell) Raw() string {
	switch {
	case c.Unit == Text && c.Code != "":
		return c.Code
	case c.Unit == Text:
		return c.Text
	case math.IsNaN(c.Value) || math.IsInf(c.Value, 0):
		return ""
	}
	return strconv.FormatFloat(c.Value+0, 'f', -1, 64)
}

// Hover returns the exact figure behind a shown one, "" where it would say nothing new.
func (c Cell) Hover() string {
	if c.Title != "" {
		return c.Title
	}
	if c.Unit == Text {
		return ""
	}
	if exact := c.Exact(); exact != c.Shown() {
		return exact
	}
	return ""
}
