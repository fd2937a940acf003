package ydec

// Map is a mapping from names that the user chooses, in the order of the file. Where a name stands in the file is asked of
// [Doc.KeyAt].
type Map[V any] []Entry[V]

// Entry is one name of a Map and its value.
type Entry[V any] struct {
	Name  string
	Value V
}

// Get is the value of a name, to read or change in place, or nil.
func (m Map[V]) Get(name string) *V {
	for i := range m {
		if m[i].Name == name {
			return &m[i].Value
		}
	}
	return nil
}

// Names are the names in order.
func (m Map[V]) Names() []string {
	out := make([]string, len(m))
	for i := range m {
		out[i] = m[i].Name
	}
	return out
}

func (Map[V]) orderedMap() {}

// ordered is how reflection knows a Map whatever its value type.
type ordered interface{ orderedMap() }
