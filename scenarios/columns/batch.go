package columns

import "fmt"

// Kind is the type of a column's values.
type Kind uint8

// The kinds.
const (
	Int    Kind = iota + 1 // int64
	Float                  // float64
	String                 // bytes, UTF-8 by convention
	// Fixed are int64 in units of 10^-Decimals: exact decimals in CSV, doubles in Parquet.
	Fixed
)

func (k Kind) String() string {
	switch k {
	case Int:
		return "int"
	case Float:
		return "float"
	case String:
		return "string"
	case Fixed:
		return "fixed"
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// Column describes one column.
type Column struct {
	Name     string
	Kind     Kind
	Decimals int  // of Fixed: 1 to 9
	Optional bool // values may be absent
	Repeats  bool // of String: few distinct values, kept as a dictionary in Parquet
}

// Schema is the columns of a table in order.
type Schema []Column

// Index is the position of a column, or -1.
func (s Schema) Index(name string) int {
	for i := range s {
		if s[i].Name == name {
			return i
		}
	}
	return -1
}

func (s Schema) validate() error {
	for i, c := range s {
		switch {
		case c.Name == "":
			return fmt.Errorf("column %d has no name", i+1)
		case s.Index(c.Name) != i:
			return fmt.Errorf("column %q stands twice", c.Name)
		case c.Kind < Int || c.Kind > Fixed:
			return fmt.Errorf("column %q: %s is no kind of values", c.Name, c.Kind)
		case c.Kind == Fixed && (c.Decimals < 1 || c.Decimals > 9):
			return fmt.Errorf("column %q: %d decimals (want 1 to 9)", c.Name, c.Decimals)
		}
	}
	return nil
}

// Values are the values of one column in a batch; which slice is used depends on the kind.
type Values struct {
	Ints   []int64 // Int, Fixed
	Floats []float64
	Text   []byte  // String: all values, one after the other
	Ends   []int32 // String: where each ends in Text
	Null   []bool  // by row; nil: none is absent
}

// Bytes is a string value; valid until the batch is reused.
func (v *Values) Bytes(row int) []byte {
	from := int32(0)
	if row > 0 {
		from = v.Ends[row-1]
	}
	return v.Text[from:v.Ends[row]]
}

// Absent reports whether a value is absent.
func (v *Values) Absent(row int) bool { return v.Null != nil && v.Null[row] }

func (v *Values) reset() {
	v.Ints, v.Floats, v.Text, v.Ends = v.Ints[:0], v.Floats[:0], v.Text[:0], v.Ends[:0]
	if v.Null != nil {
		v.Null = v.Null[:0]
	}
}

// Batch is some rows of a table, by column.
type Batch struct {
	Rows int
	Cols []Values
}

// Sink takes the rows of a table.
type Sink interface {
	// Write takes a batch whose columns are those of the schema; it must not keep it.
	Write(b *Batch) error
	// Close writes what is left. It does not close the file below.
	Close() error
}
