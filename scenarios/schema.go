package scenarios

import (
	"encoding/json"
	"strconv"

	"github.com/orrery-sim/orrery/scenarios/ydec"
)

// Schema is the JSON schema (draft 2020-12) of scenario files, for editors: made from the same types and sentences that
// reading uses. Meaning (names that must exist, order of times) is checked by Load only.
func Schema() ([]byte, error) {
	shape, err := ydec.ShapeOf(&Scenario{})
	if err != nil {
		return nil, err
	}
	s := schemaOf(shape)
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	s["title"] = "Orrery scenario"
	out, err := json.MarshalIndent(s, "", " ")
	return append(out, '\n'), err
}

type schema = map[string]any

// schemaOf turns one shape into a schema. Scenario types are not recursive.
func schemaOf(s *ydec.Shape) schema {
	switch s.Kind {
	case ydec.Bool:
		return schema{"type": "boolean"}
	case ydec.Integer:
		out := schema{"type": "integer"}
		if !s.Signed() {
			out["minimum"] = 0
		}
		return bounds(out, s)
	case ydec.Float:
		return bounds(schema{"type": "number"}, s)
	case ydec.Text, ydec.Custom:
		return text(s)
	case ydec.ListOf:
		return schema{"type": "array", "items": schemaOf(s.Elem)}
	case ydec.MapOf:
		return schema{"type": "object", "additionalProperties": schemaOf(s.Elem)}
	case ydec.Struct:
		return object(s)
	case ydec.Union:
		var any []schema
		for _, f := range s.Fields {
			any = append(any, schemaOf(f.Shape))
		}
		return schema{"anyOf": any}
	}
	return schema{}
}

// text is a string; what looks like a number in YAML may stand where a custom scalar is read.
func text(s *ydec.Shape) schema {
	out := schema{"type": "string"}
	if s.Kind == ydec.Custom {
		out["type"] = []string{"string", "number"}
	}
	if s.Enum != nil {
		out["enum"] = s.Enum
	}
	if s.What != "" {
		out["description"] = s.What
	}
	return out
}

func bounds(out schema, s *ydec.Shape) schema {
	for key, bound := range map[string]string{"minimum": s.Min, "maximum": s.Max} {
		if v, err := strconv.ParseFloat(bound, 64); err == nil {
			out[key] = v
		}
	}
	return out
}

// object is a mapping with known keys, or the scalar that stands for it.
func object(s *ydec.Shape) schema {
	properties := schema{}
	var required []string
	var order []string
	groups := map[string][]schema{}
	for _, f := range s.Fields {
		p := schemaOf(f.Shape)
		if f.One {
			p = schema{"anyOf": []schema{p, schemaOf(f.Shape.Elem)}}
		}
		if f.Doc != "" {
			p["description"] = f.Doc
		}
		if f.HasDefault {
			p["default"] = f.Default
		}
		properties[f.Name] = p
		if f.Required {
			required = append(required, f.Name)
		}
		if f.ExactlyOne != "" {
			if groups[f.ExactlyOne] == nil {
				order = append(order, f.ExactlyOne)
			}
			groups[f.ExactlyOne] = append(groups[f.ExactlyOne], schema{"required": []string{f.Name}})
		}
	}
	out := schema{"type": "object", "properties": properties, "additionalProperties": false}
	if required != nil {
		out["required"] = required
	}
	var exactly []schema
	for _, name := range order {
		exactly = append(exactly, schema{"oneOf": groups[name]})
	}
	if exactly != nil {
		out["allOf"] = exactly
	}
	if s.Short == "" {
		return out
	}
	for _, f := range s.Fields {
		if f.Name == s.Short {
			return schema{"anyOf": []schema{schemaOf(f.Shape), out}}
		}
	}
	return out
}
