// Package snapshot writes a value and all that it reaches as bytes, and reads them back into a value that was made the same way.
//
// It goes by the types: every field is written, exported or not, so that one which somebody adds is written too. A type that cannot be
// written (a channel, a file, a type of another module that holds pointers) is an error that names the place; it is never left out. What
// need not be written says so where it is declared:
//
//	module *Module `snapshot:"keep"`    // the reader's own value stays; it must have one where the writer had
//	next   []int   `snapshot:"drop"`    // zero afterwards
//	memory []byte  `snapshot:"foreign"` // SaveForeign and LoadForeign of its struct see to it
//
// Reading goes over a value that the program has just made as it made the first one: kept fields, functions and the types behind
// interfaces are that value's own. The bytes are those of one build of the program on one kind of machine, a cache and never the truth:
// they begin with the layout of every type in them, and bytes of another layout are refused.
package snapshot
