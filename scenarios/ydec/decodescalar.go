package ydec

import (
	"cmp"
	"encoding"
	"errors"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// scalar reads one scalar exactly: nothing is rounded, cut off or taken for something else.
func (w *walker) scalar(n *Node, s *Shape, v reflect.Value, at *trail) {
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, n.Text) {
		w.fail(n.Pos, at, "no such word: %s", quote(n.Text)).Known("words here", n.Text, s.Enum)
		return
	}
	switch s.Kind {
	case Text:
		v.SetString(n.Text)
	case Custom:
		w.custom(n, s, v, at)
	case Bool:
		if n.Quoted || !isBool(n.Text) {
			w.wrongScalar(n, s, at, boolHint(n.Text))
			return
		}
		v.SetBool(n.Text == "true")
	case Integer:
		w.integer(n, s, v, at)
	case Float:
		w.float(n, s, v, at)
	}
}

// wrongScalar reports a scalar that does not have the form of its shape; hint says what to write.
func (w *walker) wrongScalar(n *Node, s *Shape, at *trail, hint string) {
	found := n.Text
	if n.Quoted {
		found = quote(n.Text) + " in quotes, which is text"
		if s.Kind == Bool && isBool(n.Text) || s.Kind != Bool && isNumber(n.Text) {
			hint = "remove the quotes"
		}
	}
	noun := map[ShapeKind]string{Bool: "neither true nor false", Integer: "no whole number", Float: "no number"}[s.Kind]
	w.fail(n.Pos, at, "%s is %s", quote(n.Text), noun).Want("found %s; expected %s", cut(found), s.What).Do("%s", hint)
}

func (w *walker) outOfRange(n *Node, s *Shape, at *trail) {
	w.fail(n.Pos, at, "%s is out of range", cut(n.Text)).Want("found %s; expected %s", cut(n.Text), s.What)
}

func (w *walker) integer(n *Node, s *Shape, v reflect.Value, at *trail) {
	if n.Quoted || !isInt(n.Text) {
		w.wrongScalar(n, s, at, wholeHint(n.Text))
		return
	}
	var low, high bool
	if s.isSigned {
		i, err := strconv.ParseInt(n.Text, 10, s.bits)
		if err != nil {
			w.outOfRange(n, s, at)
			return
		}
		lo, errLo := strconv.ParseInt(s.Min, 10, 64)
		hi, errHi := strconv.ParseInt(s.Max, 10, 64)
		low, high = errLo == nil && i < lo, errHi == nil && i > hi
		v.SetInt(i)
	} else {
		u, err := strconv.ParseUint(strings.TrimPrefix(n.Text, "+"), 10, s.bits)
		if err != nil {
			w.outOfRange(n, s, at)
			return
		}
		lo, errLo := strconv.ParseUint(s.Min, 10, 64)
		hi, errHi := strconv.ParseUint(s.Max, 10, 64)
		low, high = errLo == nil && u < lo, errHi == nil && u > hi
		v.SetUint(u)
	}
	if low || high {
		v.SetZero()
		w.outOfRange(n, s, at)
	}
}

func (w *walker) float(n *Node, s *Shape, v reflect.Value, at *trail) {
	if n.Quoted || !isNumber(n.Text) {
		w.wrongScalar(n, s, at, numberHint(n.Text))
		return
	}
	x, err := strconv.ParseFloat(n.Text, s.bits)
	lo, errLo := strconv.ParseFloat(s.Min, 64)
	hi, errHi := strconv.ParseFloat(s.Max, 64)
	if err != nil || math.IsInf(x, 0) || errLo == nil && x < lo || errHi == nil && x > hi {
		w.outOfRange(n, s, at)
		return
	}
	v.SetFloat(x)
}

// custom lets the type read its text. The words of a Parser's error are for the user; those of UnmarshalText are not.
func (w *walker) custom(n *Node, s *Shape, v reflect.Value, at *trail) {
	var err error
	bad := &ScalarError{}
	switch target := v.Addr().Interface().(type) {
	case Parser:
		if err = target.ParseYAML(n.Text); err != nil {
			bad.Problem = err.Error()
		}
	case encoding.TextUnmarshaler:
		err = target.UnmarshalText([]byte(n.Text))
	}
	if err == nil {
		return
	}
	v.SetZero()
	errors.As(err, &bad)
	expected := cmp.Or(bad.Expected, s.What)
	w.fail(n.Pos, at, "%s", cmp.Or(bad.Problem, quote(n.Text)+" does not have the right form")).
		Want("found %s; expected %s", quote(n.Text), expected).Do("%s", bad.Hint)
}
