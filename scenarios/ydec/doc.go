// Package ydec reads the YAML that people write (scenarios, price sheets, study files, changes) into Go structs and tells
// them everything that is wrong with it at once, with file, line, column, path and what to write instead.
//
// It must never guess: a value that does not have exactly the wanted form is refused, not converted. It must never panic on
// input, run anything it reads, open a file, or let a type of the YAML library or the name of a Go type out.
//
// # Reading
//
// [Decode] parses, applies assignments (--set) and decodes. [Parse], [Doc.Set] and [Doc.Decode] are the same in steps. The
// [Doc] stays useful afterwards: checks of meaning attach their findings with [Doc.Errorf] and get the same three lines.
//
// # Struct tags
//
// Every exported field has a yaml tag; yaml:"-" leaves it out.
//
//	yaml:"nodes"             the key
//	yaml:"nodes,required"    the key must be there
//	yaml:"name,key"          items of a list of this struct are addressed by this key, which must be unique in the list
//	yaml:"name,short"        a lone scalar stands for a mapping with only this key (backfill: easy)
//	yaml:"trace,one"         a list that also takes one item without the dash
//	yaml:"wasm,oneof=part"   exactly one key of the group must be there
//	yaml:"wasm,atmost=part"  at most one key of the group may be there
//	yaml:",inline"           the keys of this struct belong to the one around it
//	yaml:",scalar" ",list" ",map"   a union: the form that is written chooses the field
//	default:"queue"          read in place of an absent key (a YAML scalar or flow value)
//	enum:"queue|drop"        the words allowed; for a list, in each item
//	min:"1" max:"64"         inclusive bounds of a number; for a list, of each item
//	doc:"..."                one sentence, for completion and the JSON schema
//
// A field is a bool, a string, a sized or plain integer, a float, a struct, a slice, a [Map] (Go maps lose the order of the
// file and are refused), a *[Node] (anything, kept as written), a type with ParseYAML (see [Parser]) or a pointer to one of
// these, which is nil where the key is absent. A type that does not fit is a mistake of the program: [Check] reports it, the
// other functions panic.
//
// # YAML that is refused
//
// Merge keys, tags, keys that are not scalars, second documents, and values without content. Of plain scalars, only true and
// false are bools, only decimal digits are numbers; yes, on, 010 and 1_000 are texts where a text is wanted and errors elsewhere.
package ydec
