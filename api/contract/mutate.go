package contract

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"pgregory.net/rapid"
)

// Hostile is a value that a field may not expect.
func Hostile(t *rapid.T) any {
	return rapid.SampledFrom([]any{nil, true, false, 0, -1, 1, 3, 1e9, 1e300, -9.5, 9223372036854775807.0, "", " ", "0", "-1", "1e99", "NaN", "true", "Worker", "99999999999999999999", "16Gi", "1.5Ki",
		"\x00", "ü\u202e", "../..", "{}", strings.Repeat("9", 400), []any{}, []any{nil}, []any{1, "a"}, map[string]any{}, map[string]any{"": nil},
		map[string]any{"a": map[string]any{"b": []any{}}},
		"2026-03-01T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "sleep infinity", "ecs.g6.large"}).Draw(t, "value")
}

// Mutate changes a JSON value somewhere.
func Mutate(t *rapid.T, v any) any {
	switch v := v.(type) {
	case map[string]any:
		if len(v) > 0 && rapid.IntRange(0, 5).Draw(t, "go on") > 0 {
			var keys []string
			for k := range v {
				keys = append(keys, k)
			}
			slices.Sort(keys)
			k := rapid.SampledFrom(keys).Draw(t, "key")
			if rapid.IntRange(0, 6).Draw(t, "drop") == 0 {
				delete(v, k)
			} else {
				v[k] = Mutate(t, v[k])
			}
			return v
		}
	case []any:
		if len(v) > 0 && rapid.IntRange(0, 5).Draw(t, "go on") > 0 {
			i := rapid.IntRange(0, len(v)-1).Draw(t, "index")
			v[i] = Mutate(t, v[i])
			if rapid.IntRange(0, 6).Draw(t, "twice") == 0 {
				v = append(v, v[i])
			}
			return v
		}
	}
	return Hostile(t)
}

// Mutated is a body that is up to three changes away from a right one.
func Mutated(t *rapid.T, right []byte) []byte {
	var v any
	if err := json.Unmarshal(right, &v); err != nil {
		t.Fatal(err)
	}
	for range rapid.IntRange(0, 3).Draw(t, "mutations") {
		v = Mutate(t, v)
	}
	body, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// Query draws some of the parameters that an operation has, with values that they may not expect; those in fixed stand as they are, mostly.
func Query(t *rapid.T, op *openapi3.Operation, fixed map[string]string) url.Values {
	query := url.Values{}
	for _, p := range op.Parameters {
		if p.Value.In != "query" {
			continue
		}
		if v, ok := fixed[p.Value.Name]; ok && rapid.IntRange(0, 9).Draw(t, "keep") > 0 {
			query.Set(p.Value.Name, v)
		} else if rapid.IntRange(0, 4).Draw(t, "use") == 0 {
			text, err := json.Marshal(Hostile(t))
			if err == nil {
				query.Set(p.Value.Name, strings.Trim(string(text), `"`))
			}
		}
	}
	return query
}

// Example is a value of a schema in which every property stands.
func Example(ref *openapi3.SchemaRef, depth int) any {
	v := ref.Value
	switch {
	case len(v.Enum) > 0:
		return v.Enum[0]
	case len(v.OneOf) > 0:
		return Example(v.OneOf[0], depth+1)
	case v.Type.Is("string"):
		return "x"
	case v.Type.Is("boolean"):
		return true
	case v.Type.Is("integer"), v.Type.Is("number"):
		return 1
	case v.Type.Is("array"):
		if depth > 6 {
			return []any{}
		}
		return []any{Example(v.Items, depth+1)}
	}
	out := map[string]any{}
	for name, p := range v.Properties {
		if depth < 7 {
			out[name] = Example(p, depth+1)
		}
	}
	return out
}
