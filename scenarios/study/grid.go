package study

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/orrery-sim/orrery/scenarios"
)

// Axis is one value of the scenario that is varied.
type Axis struct {
	Path   string
	Values []string
}

// Name is the axis in few words: the end of its path, with the item's name where the key alone says little.
func (a *Axis) Name() string {
	parts := strings.Split(a.Path, ".")
	return strings.Join(parts[max(len(parts)-2, 0):], ".")
}

// Limits of a study, so that a slip of the finger is told and not run.
const (
	maxSeeds  = 10_000
	maxPoints = 10_000
)

// ParseSeeds reads `1..20`, `1,2,5`, or both mixed: `1..3,9`.
func ParseSeeds(text string) ([]uint64, error) {
	bad := func(part string) error {
		return fmt.Errorf("--seeds %s\n  found %q; expected seeds such as 1..20 or 1,2,5", text, part)
	}
	var out []uint64
	for _, part := range strings.Split(text, ",") {
		a, b, isRange := strings.Cut(strings.TrimSpace(part), "..")
		from, err := strconv.ParseUint(a, 10, 64)
		if err != nil {
			return nil, bad(part)
		}
		to := from
		if isRange {
			if to, err = strconv.ParseUint(b, 10, 64); err != nil || to < from {
				return nil, bad(part)
			}
		}
		if to-from >= maxSeeds || len(out)+int(to-from) >= maxSeeds {
			return nil, fmt.Errorf("--seeds %s\n  found more than %d seeds; expected fewer\n  intervals get narrower by the root of their number", text, maxSeeds)
		}
		for s := from; ; s++ {
			if slices.Contains(out, s) {
				return nil, fmt.Errorf("--seeds %s\n  found seed %d twice; expected each once", text, s)
			}
			if out = append(out, s); s == to {
				break
			}
		}
	}
	return out, nil
}

// ParseVary reads `PATH=v1,v2,...`. Commas within brackets, braces or quotes belong to a value.
func ParseVary(text string) (Axis, error) {
	path, list, ok := strings.Cut(text, "=")
	if !ok || path == "" || list == "" {
		return Axis{}, fmt.Errorf("--vary %s\n  found no PATH=VALUE,VALUE,...; expected such as cluster.pools.train.nodes=40,48,56", text)
	}
	a := Axis{Path: path, Values: splitValues(list)}
	for i, v := range a.Values {
		if v == "" {
			return Axis{}, fmt.Errorf("--vary %s\n  found an empty value; expected one between two commas", text)
		}
		if slices.Contains(a.Values[:i], v) {
			return Axis{}, fmt.Errorf("--vary %s\n  found the value %s twice; expected each once", text, v)
		}
	}
	return a, nil
}

func splitValues(list string) (out []string) {
	depth, from := 0, 0
	var quote rune
	for i, r := range list {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '"' || r == '\'':
			quote = r
		case r == '[' || r == '{':
			depth++
		case r == ']' || r == '}':
			depth--
		case r == ',' && depth == 0:
			out = append(out, strings.TrimSpace(list[from:i]))
			from = i + 1
		}
	}
	return append(out, strings.TrimSpace(list[from:]))
}

// Point is one combination of values, in the order of the axes.
type Point struct {
	Values []string
}

// Points are all combinations, the last axis fastest; without an axis there is one point, the scenario as it is.
func Points(axes []Axis) ([]Point, error) {
	n := 1
	for i := range axes {
		for k := range axes[:i] {
			if axes[k].Path == axes[i].Path {
				return nil, fmt.Errorf("--vary %s\n  found this path twice; expected all its values in one --vary", axes[i].Path)
			}
		}
		if n *= len(axes[i].Values); n > maxPoints {
			return nil, fmt.Errorf("--vary %s\n  found more than %d combinations; expected fewer", axes[i].Path, maxPoints)
		}
	}
	out := make([]Point, n)
	for p := range out {
		values := make([]string, len(axes))
		rest := p
		for i := len(axes) - 1; i >= 0; i-- {
			values[i] = axes[i].Values[rest%len(axes[i].Values)]
			rest /= len(axes[i].Values)
		}
		out[p] = Point{values}
	}
	return out, nil
}

// Sets are a point's assignments.
func (p *Point) Sets(axes []Axis) []scenarios.Set {
	var out []scenarios.Set
	for i := range axes {
		out = append(out, scenarios.Set{Path: axes[i].Path, Value: p.Values[i], Origin: "--vary"})
	}
	return out
}

// Label is the point in words, such as "train.nodes=48".
func (p *Point) Label(axes []Axis) string {
	var words []string
	for i := range axes {
		words = append(words, axes[i].Name()+"="+p.Values[i])
	}
	if len(words) == 0 {
		return "as it is"
	}
	return strings.Join(words, " ")
}
