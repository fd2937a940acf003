package modelarts

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/orrery-sim/orrery/api/lens"
	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/api/world/play"
)

// maxLimit is how many jobs a page has at most, and unless it says so.
const maxLimit = 50

// Search is the body of ListTrainingJobs.
type Search struct {
	Offset      *int32   `json:"offset"`
	Limit       *int32   `json:"limit"`
	SortBy      string   `json:"sort_by"`
	Order       string   `json:"order"`
	GroupBy     string   `json:"group_by"`
	WorkspaceID string   `json:"workspace_id"`
	TrainType   string   `json:"train_type"`
	Filters     []Filter `json:"filters"`
}

// Filter is a condition.
type Filter struct {
	Key      string   `json:"key"`
	Operator string   `json:"operator"`
	Value    []string `json:"value"`
}

// SearchReply answers ListTrainingJobs. Offset is the number of a page, from 0.
type SearchReply struct {
	Total       int    `json:"total"`
	Count       int    `json:"count"`
	Limit       int32  `json:"limit"`
	Offset      int32  `json:"offset"`
	SortBy      string `json:"sort_by"`
	Order       string `json:"order"`
	GroupBy     string `json:"group_by"`
	WorkspaceID string `json:"workspace_id"`
	AIProject   string `json:"ai_project"`
	Items       []*Job `json:"items"`
}

// column is something that jobs are filtered, sorted and grouped by: as a text, or as a number.
type column struct {
	text   func(r *record) string
	number func(r *record) int64
}

var columns = map[string]column{
	"name":           {text: func(r *record) string { return nameOf(r.j.Name) }},
	"create_time":    {number: func(r *record) int64 { return r.millis(r.j.Life.Created) }},
	"phase":          {text: func(r *record) string { p, _ := phaseOf(&r.h); return p }},
	"algorithm_name": {text: (*record).algorithmName},
	"kind":           {text: func(*record) string { return "job" }},
	"user_id":        {text: func(r *record) string { return r.j.User }},
	"user_name":      {text: func(r *record) string { return r.j.User }},
	"duration":       {number: func(r *record) int64 { return int64(r.duration()) }},
	"start_time":     {number: func(r *record) int64 { return int64(r.h.Since(play.Running)) }},
	"id":             {text: func(r *record) string { return r.v.LongID(r.j) }},
}

// The names of columns, in the order in which errors tell them.
var (
	filterKeys = []string{"name", "create_time", "phase", "algorithm_name", "kind", "user_id"}
	sortKeys   = append(slices.Clone(filterKeys), "user_name", "duration", "start_time", "id")
	operators  = []string{"between", "like", "in", "not"}
)

func (s *Service) search(c *fiber.Ctx) (any, error) {
	q, err := readSearch(c)
	if err != nil {
		return nil, err
	}
	var tests []func(*record) bool
	for i := range q.Filters {
		t, err := q.Filters[i].test(fmt.Sprintf("filters[%d]", i))
		if err != nil {
			return nil, err
		}
		if t != nil {
			tests = append(tests, t)
		}
	}
	v, err := s.look(c)
	if err != nil {
		return nil, err
	}
	all := v.Jobs()
	found := q.run(s, v, all, tests)
	out := &SearchReply{Total: len(all), Count: len(found), Limit: *q.Limit, Offset: *q.Offset, SortBy: q.SortBy, Order: q.Order, GroupBy: q.GroupBy,
		WorkspaceID: q.WorkspaceID, AIProject: "default-ai-project", Items: []*Job{}}
	from := min(int(*q.Offset)*int(*q.Limit), len(found))
	for _, r := range found[from:min(from+int(*q.Limit), len(found))] {
		out.Items = append(out.Items, r.wire())
	}
	return out, nil
}

// readSearch reads the body; an empty one asks for everything. A limit in the query counts where the body has none.
func readSearch(c *fiber.Ctx) (*Search, error) {
	q := &Search{}
	if len(strings.TrimSpace(string(c.Body()))) > 0 {
		if err := lens.Decode(c.Body(), q); err != nil {
			return nil, err
		}
	}
	if q.Limit == nil {
		n, err := lens.Int(c, "limit", maxLimit, 1, maxLimit)
		if err != nil {
			return nil, err
		}
		limit := int32(n)
		q.Limit = &limit
	}
	if q.Offset == nil {
		q.Offset = new(int32)
	}
	q.SortBy, q.Order, q.WorkspaceID = cmp.Or(q.SortBy, "create_time"), cmp.Or(q.Order, "desc"), cmp.Or(q.WorkspaceID, defaultWorkspace)
	switch {
	case *q.Limit < 1 || *q.Limit > maxLimit:
		return nil, lens.Invalid("limit", "got %d, want 1 to %d", *q.Limit, maxLimit)
	case *q.Offset < 0:
		return nil, lens.Invalid("offset", "got %d, want the number of a page, from 0", *q.Offset)
	case q.Order != "asc" && q.Order != "desc":
		return nil, lens.Invalid("order", "got %q, want asc or desc", q.Order)
	case !slices.Contains(sortKeys, q.SortBy):
		return nil, lens.Invalid("sort_by", "got %q, want one of %s", q.SortBy, strings.Join(sortKeys, ", "))
	case q.GroupBy != "" && !slices.Contains(sortKeys, q.GroupBy):
		return nil, lens.Invalid("group_by", "got %q, want one of %s", q.GroupBy, strings.Join(sortKeys, ", "))
	case q.TrainType != "" && q.TrainType != "job" && q.TrainType != "ftjob":
		return nil, lens.Invalid("train_type", "got %q, want job or ftjob", q.TrainType)
	}
	return q, nil
}

// run gives the jobs that pass, in order. With a group, jobs of one group stand together, where the first of them stands.
func (q *Search) run(s *Service, v world.View, all []*world.Job, tests []func(*record) bool) []*record {
	var out []*record
	for _, j := range all {
		r := s.record(v, j)
		ok := q.TrainType != "ftjob" && r.workspace() == q.WorkspaceID // nobody fine-tunes here
		for _, t := range tests {
			ok = ok && t(r)
		}
		if ok {
			out = append(out, r)
		}
	}
	by := columns[q.SortBy]
	slices.SortStableFunc(out, func(a, b *record) int {
		if q.Order == "asc" {
			return by.compare(a, b)
		}
		return by.compare(b, a)
	})
	if q.GroupBy == "" {
		return out
	}
	group, first := columns[q.GroupBy], map[string]int{}
	for i, r := range out {
		if _, ok := first[group.key(r)]; !ok {
			first[group.key(r)] = i
		}
	}
	slices.SortStableFunc(out, func(a, b *record) int { return cmp.Compare(first[group.key(a)], first[group.key(b)]) })
	return out
}

func (c column) compare(a, b *record) int {
	if c.number != nil {
		return cmp.Compare(c.number(a), c.number(b))
	}
	return cmp.Compare(c.text(a), c.text(b))
}

func (c column) key(r *record) string {
	if c.number != nil {
		return strconv.FormatInt(c.number(r), 10)
	}
	return c.text(r)
}

// test makes a condition of a filter, or nil of one that filters nothing.
func (f *Filter) test(at string) (func(*record) bool, error) {
	f.Operator = cmp.Or(f.Operator, "in")
	values := slices.DeleteFunc(slices.Clone(f.Value), func(v string) bool { return v == "" })
	switch {
	case !slices.Contains(operators, f.Operator):
		return nil, lens.Invalid(at+".operator", "got %q, want one of %s", f.Operator, strings.Join(operators, ", "))
	case f.Key == "" && len(values) == 0:
		return nil, nil
	case !slices.Contains(filterKeys, f.Key):
		return nil, lens.Invalid(at+".key", "got %q, want one of %s", f.Key, strings.Join(filterKeys, ", "))
	case len(values) == 0:
		return nil, nil
	}
	c := columns[f.Key]
	if f.Operator == "between" {
		return c.between(at, f.Value)
	}
	if c.number != nil {
		for _, v := range values {
			if _, err := strconv.ParseInt(v, 10, 64); err != nil && f.Operator != "like" {
				return nil, lens.Invalid(at+".value", "got %q, want Unix milliseconds", v)
			}
		}
	}
	return func(r *record) bool {
		has := slices.ContainsFunc(values, func(v string) bool {
			if f.Operator == "like" {
				return strings.Contains(strings.ToLower(c.key(r)), strings.ToLower(v))
			}
			return c.key(r) == v
		})
		return has != (f.Operator == "not")
	}, nil
}

// between holds from the first value to the second, both included; an empty one is no bound.
func (c column) between(at string, value []string) (func(*record) bool, error) {
	if len(value) != 2 {
		return nil, lens.Invalid(at+".value", "got %d values, want two: from and to", len(value))
	}
	from, to := value[0], value[1]
	if c.number == nil {
		return func(r *record) bool { return (from == "" || c.text(r) >= from) && (to == "" || c.text(r) <= to) }, nil
	}
	low, high := int64(-1<<63), int64(1<<63-1)
	for i, bound := range []*int64{&low, &high} {
		if value[i] == "" {
			continue
		}
		n, err := strconv.ParseInt(value[i], 10, 64)
		if err != nil {
			return nil, lens.Invalid(at+".value", "got %q, want Unix milliseconds", value[i])
		}
		*bound = n
	}
	return func(r *record) bool { n := c.number(r); return n >= low && n <= high }, nil
}
