package trace

import (
	"math/bits"

	"github.com/orrery-sim/orrery/sim/state"
)

// Renaming says how users and queues are called instead.
type Renaming struct {
	User, Queue   string            // not empty: the one name for all
	Users, Queues map[string]string // old name -> new name; the empty old name stands for none
}

// Rename maps the names of users and queues.
func Rename(src state.Source, names *state.Names, r Renaming) state.Source {
	return &renamed{src: src, names: names, r: r}
}

type renamed struct {
	src           state.Source
	names         *state.Names
	r             Renaming
	users, queues []int32 // old id + 1 -> new id + 2; 0 = not looked up
}

func (n *renamed) Next(s *state.JobSpec) (bool, error) {
	ok, err := n.src.Next(s)
	if !ok || err != nil {
		return ok, err
	}
	s.User = renamedID(&n.users, s.User, &n.names.Users, n.r.User, n.r.Users)
	s.Queue = renamedID(&n.queues, s.Queue, &n.names.Queues, n.r.Queue, n.r.Queues)
	return true, nil
}

func renamedID(ids *[]int32, id int32, symbols *state.Symbols, one string, table map[string]string) int32 {
	if one == "" && len(table) == 0 {
		return id
	}
	for int(id)+1 >= len(*ids) {
		*ids = append(*ids, 0)
	}
	if known := (*ids)[id+1]; known != 0 {
		return known - 2
	}
	to := id
	if one != "" {
		to = symbols.Intern([]byte(one))
	} else if name, ok := table[symbols.Name(id)]; ok {
		to = symbols.Intern([]byte(name))
	}
	(*ids)[id+1] = to + 2
	return to
}

func (n *renamed) Clone(names *state.Names) (state.Source, error) {
	src, err := n.src.Clone(names)
	return &renamed{src: src, names: names, r: n.r}, err
}

func (n *renamed) Notes() []string { return NotesOf(n.src) }

// respell translates the ids of a job from one set of names to another.
func respell(s *state.JobSpec, from, to *state.Names) error {
	if from == to {
		return nil
	}
	s.User = to.Users.Intern([]byte(from.Users.Name(s.User)))
	s.Queue = to.Queues.Intern([]byte(from.Queues.Name(s.Queue)))
	s.Partition = to.Partitions.Intern([]byte(from.Partitions.Name(s.Partition)))
	for i := range s.Roles {
		var mask uint64
		for m := s.Roles[i].TypeMask; m != 0; m &= m - 1 {
			bit, err := to.TypeBit([]byte(from.Types.Name(int32(bits.TrailingZeros64(m)))))
			if err != nil {
				return err
			}
			mask |= bit
		}
		s.Roles[i].TypeMask = mask
		if err := respellLevels(&s.Roles[i], from, to); err != nil {
			return err
		}
	}
	s.Model = to.Models.Intern([]byte(from.Models.Name(s.Model-1))) + 1
	var x [state.MaxX]int64
	for i, name := range from.X.All() {
		slot, err := xSlot(to, name)
		if err != nil {
			return err
		}
		x[slot] = s.X[i]
	}
	s.X = x
	return nil
}

// respellLevels translates the levels of domains that a role names.
func respellLevels(r *state.RoleSpec, from, to *state.Names) (err error) {
	if r.Within|r.Prefer == 0 {
		return nil
	}
	if r.Within, err = to.Level([]byte(from.LevelName(r.Within))); err != nil {
		return err
	}
	r.Prefer, err = to.Level([]byte(from.LevelName(r.Prefer)))
	return err
}
