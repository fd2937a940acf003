package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/quota"
	"github.com/orrery-sim/orrery/sim/units"
)

// queueChange reads `set: queues.NAME.FIELD[.RESOURCE]` with its value.
func (l *Loaded) queueChange(p *Plan, i int) (sim.Change, bool) {
	c, at := &l.Changes[i], fmt.Sprintf("changes[%d].set", i)
	spec := p.Config.Quota
	rest, ok := strings.CutPrefix(c.Set, "queues.")
	if !ok || spec == nil {
		l.Doc.Errorf(at, "%q cannot change in mid-run", c.Set).Want("queues.NAME.FIELD, such as queues.prod.deserved.A100-80, in a scenario with quota")
		return sim.Change{}, false
	}
	queue, field, resource := l.splitSet(spec, rest)
	if queue < 0 {
		l.Doc.Errorf(at, "no queue in %q", c.Set).Known("queues here", rest, l.queueNames())
		return sim.Change{}, false
	}
	f, ok := quota.ParseField(field)
	if !ok {
		l.Doc.Errorf(at, "a queue has no %q that can change", field).Known("there are", field, quota.FieldNames())
		return sim.Change{}, false
	}
	v := quota.Value{Field: f, Resource: -1}
	var err error
	if f.IsAmount() {
		v.Resource = int32(slices.IndexFunc(spec.Resources, func(r quota.Resource) bool { return r.Name == resource }))
		if v.Resource < 0 {
			l.Doc.Errorf(at, "no resource %q", resource).Known("resources here", resource, l.resourceNames(spec))
			return sim.Change{}, false
		}
		v.To, err = parseQuantity(string(c.To), spec.Resources[v.Resource].Kind)
	} else {
		v.To, err = l.fieldValue(spec, f, string(c.To))
	}
	if err != nil {
		l.Doc.Errorf(fmt.Sprintf("changes[%d].to", i), "%q is no %s", string(c.To), field).Want("%s", err)
		return sim.Change{}, false
	}
	edit := &quota.Edit{Name: spec.Queues[queue].Name, Set: []quota.Value{v}}
	return sim.Change{At: c.At.Time(), Kind: sim.ChangeQueue, Queue: edit}, true
}

// splitSet cuts NAME.FIELD[.RESOURCE]; names may hold dots.
func (l *Loaded) splitSet(spec *quota.Spec, text string) (queue int32, field, resource string) {
	queue = -1
	for i := range spec.Queues {
		if rest, ok := strings.CutPrefix(text, spec.Queues[i].Name+"."); ok && (queue < 0 || len(spec.Queues[i].Name) > len(spec.Queues[queue].Name)) {
			queue = int32(i)
			field, resource, _ = strings.Cut(rest, ".")
		}
	}
	return queue, field, resource
}

// fieldValue reads what a field that is no amount becomes.
func (l *Loaded) fieldValue(spec *quota.Spec, f quota.Field, text string) (int64, error) {
	oneOf := func(words ...string) (int64, error) {
		if i := slices.Index(words, text); i >= 0 {
			return int64(i), nil
		}
		return 0, fmt.Errorf("one of %s", strings.Join(words, ", "))
	}
	switch f {
	case quota.FieldStrategy:
		return oneOf("", "StrictFIFO", "BestEffortFIFO", "balance", "intelligent")
	case quota.FieldState:
		return oneOf("open", "closed", "hold", "drain")
	case quota.FieldReclaimable:
		return oneOf("false", "true")
	case quota.FieldTimeout, quota.FieldGrowth:
		ns, err := units.ParseDuration(text)
		if err != nil || ns < 0 {
			return 0, fmt.Errorf("a duration such as 5m")
		}
		return ns, nil
	case quota.FieldParent:
		if i := spec.Find(text); i >= 0 {
			return int64(i), nil
		}
		return 0, fmt.Errorf("one of %s", strings.Join(l.queueNames(), ", "))
	case quota.FieldWeight:
		v, err := units.ParseFixed([]byte(text), 6)
		if err != nil || v < 0 {
			return 0, fmt.Errorf("0 or more")
		}
		return v, nil
	}
	v, err := units.ParseFixed([]byte(text), 0)
	if err != nil {
		return 0, fmt.Errorf("a whole number")
	}
	return v, nil
}
