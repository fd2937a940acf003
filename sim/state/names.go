package state

import "fmt"

// None is the id of a name that is absent: a job without a queue, an item without a partition.
const None int32 = -1

// MaxGPUTypes bounds the GPU types of one scenario: a type constraint is a 64-bit mask.
const MaxGPUTypes = 64

// Symbols interns one kind of name. Ids are dense from 0 in order of first use, so they are as deterministic as the
// order in which input is read.
type Symbols struct {
	names []string
	ids   map[string]int32
}

// Intern returns the id of name, giving it the next free one at first use. The empty name is None.
func (s *Symbols) Intern(name []byte) int32 {
	if len(name) == 0 {
		return None
	}
	if id, ok := s.ids[string(name)]; ok {
		return id
	}
	if s.ids == nil {
		s.ids = make(map[string]int32)
	}
	id := int32(len(s.names))
	owned := string(name)
	s.names = append(s.names, owned)
	s.ids[owned] = id
	return id
}

// Lookup returns the id of a name that is already known.
func (s *Symbols) Lookup(name string) (int32, bool) {
	id, ok := s.ids[name]
	return id, ok
}

// Name is the name behind an id; None is "".
func (s *Symbols) Name(id int32) string {
	if id < 0 || int(id) >= len(s.names) {
		return ""
	}
	return s.names[id]
}

// Len is the number of names.
func (s *Symbols) Len() int { return len(s.names) }

// All are the names in the order of their ids. The caller must not change the slice.
func (s *Symbols) All() []string { return s.names }

// Clone returns an independent copy: a fork that meets new names does not disturb its parent.
func (s *Symbols) Clone() Symbols {
	c := Symbols{names: append([]string(nil), s.names...)}
	if s.ids != nil {
		c.ids = make(map[string]int32, len(s.ids))
		for i, n := range c.names {
			c.ids[n] = int32(i)
		}
	}
	return c
}

// view is the names so far, by id alone.
func (s *Symbols) view() Symbols { return Symbols{names: s.names[:len(s.names):len(s.names)]} }

// follow interns the names that o has and s has not; s has had nothing but names of o, in the same order.
func (s *Symbols) follow(o *Symbols) {
	for i := len(s.names); i < len(o.names); i++ {
		s.Intern([]byte(o.names[i]))
	}
}

// Names are the symbol tables of one simulation. Sources intern into them while they read, so that per-job work handles
// integers only. A Names belongs to one simulation and is not safe for concurrent use.
type Names struct {
	Users      Symbols
	Queues     Symbols
	Partitions Symbols
	Types      Symbols // GPU types; an id below 64 is its bit in a type mask
	Metrics    Symbols // series of the policy's own
	X          Symbols // the trace's x_* columns, in the order of JobSpec.X; at most MaxX
	Levels     Symbols // levels of domains, see Level; an id is the level less 1
	Models     Symbols // what jobs train, for their speed
}

// NodeLevelName is the name of the level of a single node, which is there without a topology.
const NodeLevelName = "node"

// maxLevels is what RoleSpec.Within can say.
const maxLevels = 255

// Level is the level of a name (RoleSpec.Within), interned at first use; "" is 0. "node" is level 1.
func (n *Names) Level(name []byte) (uint8, error) {
	if len(name) == 0 {
		return 0, nil
	}
	n.Levels.Intern([]byte(NodeLevelName))
	id := n.Levels.Intern(name)
	if id >= maxLevels {
		return 0, fmt.Errorf("level %q is number %d (at most %d levels of domains in one scenario)", name, id+1, maxLevels)
	}
	return uint8(id + 1), nil
}

// LevelName is the name of a level; 0 is "".
func (n *Names) LevelName(level uint8) string { return n.Levels.Name(int32(level) - 1) }

// TypeBit returns the mask bit of a GPU type, interning it at first use.
func (n *Names) TypeBit(name []byte) (uint64, error) {
	id := n.Types.Intern(name)
	if id >= MaxGPUTypes {
		return 0, fmt.Errorf("GPU type %q is number %d (at most %d types in one scenario)", name, id+1, MaxGPUTypes)
	}
	if id < 0 {
		return 0, nil
	}
	return 1 << uint(id), nil
}

// Clone returns an independent copy of every table.
func (n *Names) Clone() *Names {
	return &Names{
		Users: n.Users.Clone(), Queues: n.Queues.Clone(), Partitions: n.Partitions.Clone(),
		Types: n.Types.Clone(), Metrics: n.Metrics.Clone(), X: n.X.Clone(), Levels: n.Levels.Clone(), Models: n.Models.Clone(),
	}
}

// View is the names so far: they can be asked for by id, not looked up, and stay as they are while n grows. So they may be
// read on another goroutine than the one that interns.
func (n *Names) View() Names {
	return Names{Users: n.Users.view(), Queues: n.Queues.view(), Partitions: n.Partitions.view(), Types: n.Types.view(),
		Metrics: n.Metrics.view(), X: n.X.view(), Levels: n.Levels.view(), Models: n.Models.view()}
}

// Follow interns what o has beyond n, so that both give the same ids. n has interned nothing but names of o in o's order.
func (n *Names) Follow(o *Names) {
	n.Users.follow(&o.Users)
	n.Queues.follow(&o.Queues)
	n.Partitions.follow(&o.Partitions)
	n.Types.follow(&o.Types)
	n.X.follow(&o.X)
	n.Levels.follow(&o.Levels)
	n.Models.follow(&o.Models)
}
