package aihc

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/orrery-sim/orrery/api/lens"
)

// roleSpec is the pods of one role.
type roleSpec struct {
	Role string `json:"role"`
	JobSpec
}

// specs are a job's roles. One object without a role is read as a role without a name; an object of objects as one a name, in the
// order of the names, the first of which the framework starts from (head, master, launcher).
type specs []roleSpec

// kept is how a job keeps them.
type kept struct {
	Roles []roleSpec `json:"roles"`
}

// MarshalJSON writes the roles in their order.
func (s specs) MarshalJSON() ([]byte, error) { return json.Marshal(kept{s}) }

// UnmarshalJSON reads what a client sends, or what a job kept.
func (s *specs) UnmarshalJSON(data []byte) error {
	*s = nil
	if bytes.Equal(data, []byte("null")) {
		return nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return lens.Invalid("jobSpec", "got %.40q, want an object with command, image and replicas, or one of those for each role", data)
	}
	if roles, ok := fields["roles"]; ok && bytes.HasPrefix(bytes.TrimSpace(roles), []byte("[")) && len(fields) == 1 {
		var k kept
		err := json.Unmarshal(data, &k)
		*s = k.Roles
		return err
	}
	if !byRole(fields) {
		one := roleSpec{}
		if err := lens.Decode(data, &one.JobSpec); err != nil {
			return within("jobSpec", err)
		}
		*s = specs{one}
		return nil
	}
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if x, y := rank(a), rank(b); x != y {
			return x - y
		}
		return strings.Compare(a, b)
	})
	for _, name := range names {
		r := roleSpec{Role: name}
		if err := lens.Decode(fields[name], &r.JobSpec); err != nil {
			return within("jobSpec."+name, err)
		}
		*s = append(*s, r)
	}
	return nil
}

// byRole reports whether every field is an object, as in a map of roles.
func byRole(fields map[string]json.RawMessage) bool {
	for name, f := range fields {
		if name == "imageConfig" || !bytes.HasPrefix(bytes.TrimSpace(f), []byte("{")) {
			return false
		}
	}
	return len(fields) > 0
}

// rank puts the role that a framework starts from first.
func rank(role string) int {
	switch strings.ToLower(role) {
	case "head", "master", "launcher", "chief":
		return 0
	}
	return 1
}

// within names the object in which a field stands.
func within(at string, err error) error {
	if f, ok := err.(*lens.Flaw); ok {
		if f.Field == "body" {
			return &lens.Flaw{Field: at, Problem: f.Problem, Missing: f.Missing}
		}
		return &lens.Flaw{Field: at + "." + f.Field, Problem: f.Problem, Missing: f.Missing}
	}
	return err
}
