package ydec

// KeyInfo is one legal path of a type.
type KeyInfo struct {
	Path     string // items of lists as [], names that the user chooses as *: cluster.pools[].nodes, nodeTypes.*.gpus
	What     string // in words: "a whole number of at least 1"
	Doc      string
	Default  string
	Required bool
	Enum     []string
	Shape    *Shape
}

// Keys lists every path that a document for the type of v may hold, in the order of the fields. A type that contains itself is
// followed once. The whole tree, for a generator of schemas, is [ShapeOf].
func Keys(v any) []KeyInfo {
	k := keyLister{open: map[*Shape]bool{}}
	k.walk("", mustShape(v))
	return k.keys
}

type keyLister struct {
	keys []KeyInfo
	open map[*Shape]bool
}

func (k *keyLister) walk(path string, s *Shape) {
	if k.open[s] {
		return
	}
	k.open[s] = true
	defer delete(k.open, s)
	switch s.Kind {
	case ListOf:
		k.walk(path+"[]", s.Elem)
	case MapOf:
		at := "*"
		if path != "" {
			at = path + ".*"
		}
		if s.Elem.form() == Scalar || s.Elem.Kind == Free {
			k.keys = append(k.keys, KeyInfo{Path: at, What: s.Elem.What, Enum: s.Elem.Enum, Shape: s.Elem})
		}
		k.walk(at, s.Elem)
	case Union:
		for _, f := range s.Fields {
			k.walk(path, f.Shape)
		}
	case Struct:
		for _, f := range s.Fields {
			at := Below(path, f.Name)
			k.keys = append(k.keys, KeyInfo{
				Path: at, What: f.Shape.What, Doc: f.Doc, Default: f.Default,
				Required: f.Required, Enum: f.Shape.Enum, Shape: f.Shape,
			})
			k.walk(at, f.Shape)
		}
	}
}
