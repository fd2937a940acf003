package wasm

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/orrery-sim/orrery/sim/state"
	"github.com/orrery-sim/orrery/sim/units"
)

// Params are the parameters that a scenario gives a guest: JSON, and numbers by name.
type Params struct {
	JSON    []byte
	numbers map[string]int64
	others  map[string]string // what is no number, for people
	keys    []string          // of the object itself, sorted
	x       []string          // params.x: the columns of the trace that jobs.x0, x1 ... are
}

// NewParams keeps parameters as JSON, an object. Numbers, durations and sizes in it can be asked for by name: a duration gives ns, a
// size bytes, a number with decimals millionths, true and false 1 and 0; what lies deeper has the path a.b.
func NewParams(object []byte) (*Params, error) {
	p := &Params{JSON: object, numbers: map[string]int64{}, others: map[string]string{}}
	if len(object) == 0 {
		p.JSON = []byte("{}")
		return p, nil
	}
	var v map[string]any
	d := json.NewDecoder(strings.NewReader(string(object)))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	p.walk("", v)
	p.keys = slices.Sorted(maps.Keys(v))
	if list, ok := v["x"].([]any); ok {
		for _, name := range list {
			if s, ok := name.(string); ok {
				p.x = append(p.x, s)
			}
		}
		if len(p.x) != len(list) || len(list) > state.MaxX {
			return nil, fmt.Errorf("params.x is the names of at most %d columns of the trace, such as [x_predicted_s]", state.MaxX)
		}
	}
	return p, nil
}

func (p *Params) walk(prefix string, v any) {
	switch v := v.(type) {
	case map[string]any:
		p.others[prefix] = "a mapping"
		for k, x := range v {
			p.walk(strings.TrimPrefix(prefix+"."+k, "."), x)
		}
	case []any:
		p.others[prefix] = "a list"
		for i, x := range v {
			p.walk(prefix+"."+strconv.Itoa(i), x)
		}
		p.numbers[prefix+".len"] = int64(len(v))
	case bool:
		p.numbers[prefix] = 0
		if v {
			p.numbers[prefix] = 1
		}
	case json.Number:
		if n, err := v.Int64(); err == nil {
			p.numbers[prefix] = n
		} else if n, err := units.ParseFixed([]byte(v.String()), 6); err == nil {
			p.numbers[prefix] = n
		} else {
			p.others[prefix] = v.String()
		}
	case string:
		if d, err := units.ParseDuration(v); err == nil {
			p.numbers[prefix] = int64(d)
		} else if b, err := units.ParseBytes(v); err == nil {
			p.numbers[prefix] = b
		} else {
			p.others[prefix] = fmt.Sprintf("the text %.40q", v)
		}
	default:
		p.others[prefix] = "nothing"
	}
}
