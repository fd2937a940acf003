package backfill

import "fmt"

// Kind is a way to let later jobs pass a blocked head.
type Kind uint8

// The kinds.
const (
	None     Kind = iota // the head blocks
	Easy                 // one reservation, for the head
	Conserve             // a reservation for each of the first Depth jobs
)

var names = [...]string{"none", "easy", "conservative"}

// DefaultDepth is how many jobs conservative backfill holds reservations for.
const DefaultDepth = 1000

// Rule is a backfill with its parameter.
type Rule struct {
	Kind  Kind
	Depth int // Conserve: jobs with reservations
}

func (r Rule) String() string { return names[r.Kind] }

// Names are the rules' names in scenarios.
func Names() []string { return append([]string(nil), names[:]...) }

// Parse reads a rule's name.
func Parse(name string) (Rule, error) {
	for i, n := range names {
		if n == name {
			return Rule{Kind: Kind(i), Depth: DefaultDepth}, nil
		}
	}
	return Rule{}, fmt.Errorf("no backfill %q (there are %v)", name, names)
}
