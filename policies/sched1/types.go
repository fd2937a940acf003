package sched1

// Type is how a value lies in a guest's memory: little-endian, aligned to its size.
type Type uint8

// The types.
const (
	U16 Type = iota
	U32
	I32
	U64
	I64
)

// Size is the type's size in bytes.
func (t Type) Size() int {
	switch t {
	case U16:
		return 2
	case U32, I32:
		return 4
	}
	return 8
}

func (t Type) String() string { return [...]string{"u16", "u32", "i32", "u64", "i64"}[t] }

// Field is one value of a record.
type Field struct {
	Name   string // snake_case
	Type   Type
	Doc    string
	Offset int // set by record
}

// Record is a struct in a guest's memory.
type Record struct {
	Name   string
	Doc    string
	Fields []Field
	Size   int // a multiple of 8
}

// record lays fields out in order. Fields stand so that none needs padding; the test holds it.
func record(name, doc string, fields ...Field) Record {
	r := Record{Name: name, Doc: doc, Fields: fields}
	for i := range r.Fields {
		size := r.Fields[i].Type.Size()
		r.Size = (r.Size + size - 1) / size * size
		r.Fields[i].Offset = r.Size
		r.Size += size
	}
	r.Size = (r.Size + 7) / 8 * 8
	return r
}

// Column is one value of every row of a table: an array by slot.
type Column struct {
	ID   int // its bit in TableEntry.wanted and its place in cols
	Name string
	Type Type
	Doc  string
}

// Table is what the host mirrors into a guest: columns by slot.
type Table struct {
	Kind    uint32
	Name    string
	Doc     string
	Columns []Column
}

// table numbers columns in order.
func table(kind uint32, name, doc string, columns ...Column) Table {
	for i := range columns {
		columns[i].ID = i
	}
	return Table{Kind: kind, Name: name, Doc: doc, Columns: columns}
}

// Value is a named constant.
type Value struct {
	Name  string
	Value int64
	Doc   string
}

// Enum is a group of constants: their names in a guest are the prefix, an underscore and the name, in capitals.
type Enum struct {
	Prefix string
	Doc    string
	Values []Value
}

// Function is a hook that a guest exports, or a function that it may import.
type Function struct {
	Name     string
	Params   []Param
	Result   string // "i32", "i64" or ""
	Required bool
	Doc      string
}

// Param is a parameter of a function. In Wasm it is an i32, or where Wide is set an i64; Pointer marks an address.
type Param struct {
	Name    string
	Wide    bool
	Pointer bool
	Doc     string
}

// The value types of the binary format.
const (
	wasmI32 = 0x7f
	wasmI64 = 0x7e
)

// Wasm is the function's type: parameters and results as bytes of the binary format.
func (f *Function) Wasm() (params, results []byte) {
	for _, p := range f.Params {
		if p.Wide {
			params = append(params, wasmI64)
		} else {
			params = append(params, wasmI32)
		}
	}
	switch f.Result {
	case "i32":
		results = []byte{wasmI32}
	case "i64":
		results = []byte{wasmI64}
	}
	return params, results
}
