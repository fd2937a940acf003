package paidlc

import (
	"cmp"
	"encoding/json"
	"math"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/sim/state"
)

// ask is a query of ListJobs: what the world can filter by, tests that a job must pass, an order and a page. The first tests need not
// read the job, the next tell its life, the last decode its request.
type ask struct {
	filter      world.Filter
	plain       []func(*world.Brief) bool
	alive       []func(*record) bool // of jobs that have not ended; plain tests those that have
	cheap, deep []func(*record) bool
	sortBy      string
	ascending   bool
	page, size  int
}

// byCreation is the order unless another one is asked for.
const byCreation = "GmtCreateTime"

// week is how far back ListJobs looks unless it is told otherwise.
const week = 7 * 24 * time.Hour

func (s *Service) listJobs(c *fiber.Ctx, id string) (any, error) {
	v, err := s.world.Look(c.Context())
	if err != nil {
		return nil, err
	}
	tell(c, v)
	a, err := readAsk(c, v)
	if err != nil {
		return nil, err
	}
	found, total := a.run(v)
	out := ListJobsReply{Jobs: []*Job{}, TotalCount: int64(total), RequestId: id}
	for _, r := range found {
		out.Jobs = append(out.Jobs, r.item())
	}
	return out, nil
}

// run gives the page of the jobs that pass, in order, and how many pass.
func (a *ask) run(v world.View) (page []*record, total int) {
	skip := (a.page - 1) * a.size
	if a.sortBy == byCreation {
		jobs, total := v.Page(a.filter, func(b *world.Brief) bool { return a.passes(v, b) }, a.ascending, skip, a.size)
		for _, j := range jobs {
			page = append(page, newRecord(v, j))
		}
		return page, total
	}
	var all []*record
	for b := range v.Each(a.filter) {
		if !passes(b, a.plain) {
			continue
		}
		if r := a.read(v, b); r != nil {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(x, y *record) int { return cmp.Compare(x.j.Number, y.j.Number) })
	a.sort(all)
	skip = min(skip, len(all))
	return all[skip:min(skip+a.size, len(all))], len(all)
}

// passes tests a job, which it reads where it has to.
func (a *ask) passes(v world.View, b *world.Brief) bool {
	if !passes(b, a.plain) {
		return false
	}
	n := len(a.cheap) + len(a.deep)
	if !b.Ended() {
		n += len(a.alive)
	}
	return n == 0 || a.read(v, b) != nil
}

// read reads a job that passes the tests, or gives nil.
func (a *ask) read(v world.View, b *world.Brief) *record {
	j := b.Job()
	if j == nil {
		return nil
	}
	r := newRecord(v, j)
	if (b.Ended() || passes(r, a.alive)) && passes(r, a.cheap) && passes(r, a.deep) {
		return r
	}
	return nil
}

func passes[T any](r T, tests []func(T) bool) bool {
	for _, t := range tests {
		if !t(r) {
			return false
		}
	}
	return true
}

// sort orders by the key; ties keep the order of creation.
func (a *ask) sort(rs []*record) {
	compare := map[string]func(x, y *record) int{
		"DisplayName":   func(x, y *record) int { return cmp.Compare(x.j.Name, y.j.Name) },
		"JobType":       func(x, y *record) int { return cmp.Compare(x.request().JobType, y.request().JobType) },
		"Status":        func(x, y *record) int { return cmp.Compare(status(x.hist().Last()), status(y.hist().Last())) },
		"GmtCreateTime": func(x, y *record) int { return cmp.Compare(x.j.Life.Created, y.j.Life.Created) },
		"GmtFinishTime": func(x, y *record) int { return cmp.Compare(x.finished(), y.finished()) },
	}[a.sortBy]
	slices.SortStableFunc(rs, func(x, y *record) int {
		if a.ascending {
			return compare(x, y)
		}
		return compare(y, x)
	})
}

func readAsk(c *fiber.Ctx, v world.View) (*ask, error) {
	a := &ask{filter: world.All}
	var err error
	if a.page, err = intOf(c, "PageNumber", 1, 1, 1000); err != nil {
		return nil, err
	}
	if a.size, err = intOf(c, "PageSize", 10, 1, 100); err != nil {
		return nil, err
	}
	if a.sortBy, err = oneOf(c, "SortBy", byCreation, "DisplayName", "JobType", "Status", "GmtCreateTime", "GmtFinishTime"); err != nil {
		return nil, err
	}
	order, err := oneOf(c, "Order", "desc", "desc", "asc")
	if err != nil {
		return nil, err
	}
	a.ascending = order == "asc"
	for _, add := range []func(*ask, *fiber.Ctx, world.View) error{byTime, byWho, byName, byRequest, byNumber, byKind} {
		if err := add(a, c, v); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// byTime: StartTime and EndTime bound the creation, or what TimeRangeField names; the last seven days unless told otherwise.
func byTime(a *ask, c *fiber.Ctx, v world.View) error {
	field, err := oneOf(c, "TimeRangeField", "GmtCreateTime", "GmtCreateTime", "GmtSubmittedTime", "GmtRunningTime", "GmtFinishTime", "GmtModifiedTime")
	if err != nil {
		return err
	}
	from, to, err := window(c, v, week)
	if err != nil {
		return err
	}
	within := func(t state.Time) bool {
		if t == state.Unset {
			return false
		}
		when := v.Time(t)
		return !when.Before(from) && !when.After(to)
	}
	if field == "GmtCreateTime" {
		a.filter.From, a.filter.To = v.Instant(from), v.Instant(to)
		return nil
	}
	at := map[string]func(r *record) state.Time{
		"GmtSubmittedTime": (*record).submitted,
		"GmtRunningTime":   func(r *record) state.Time { return r.hist().Since(play.Running) },
		"GmtFinishTime":    (*record).finished,
		"GmtModifiedTime":  func(r *record) state.Time { return r.j.Modified },
	}[field]
	a.cheap = append(a.cheap, func(r *record) bool { return within(at(r)) })
	return nil
}

// byWho: whose jobs. Everybody is administrator; jobs of the scenario count as everybody's own.
func byWho(a *ask, c *fiber.Ctx, _ world.View) error {
	own, err := boolOf(c, "ShowOwn", true)
	if err != nil {
		return err
	}
	if _, err := boolOf(c, "FromAllWorkspaces", false); err != nil {
		return err
	}
	if me := caller(c); own {
		a.filter.Mine, a.filter.User = true, me
	}
	if id := c.Query("UserIdForFilter"); id != "" {
		a.plain = append(a.plain, func(b *world.Brief) bool { return b.User() == id })
	}
	if part := c.Query("Username"); part != "" {
		a.plain = append(a.plain, func(b *world.Brief) bool { return contains(b.User(), part) })
	}
	if id := c.Query("JobId"); id != "" {
		a.plain = append(a.plain, func(b *world.Brief) bool { return idOf(b) == id })
	} else if ids := c.Query("JobIds"); ids != "" {
		list := strings.Split(ids, ",")
		for i := range list {
			list[i] = strings.TrimSpace(list[i])
		}
		a.plain = append(a.plain, func(b *world.Brief) bool { return slices.Contains(list, idOf(b)) })
	}
	return nil
}

func idOf(b *world.Brief) string { return "dlc" + b.Token() }

func contains(s, part string) bool {
	return strings.Contains(strings.ToLower(s), strings.ToLower(part))
}

// byName: DisplayName as DisplayNameSearchMode says; without a mode part of the name, any case.
func byName(a *ask, c *fiber.Ctx, _ world.View) error {
	name := c.Query("DisplayName")
	mode, err := oneOf(c, "DisplayNameSearchMode", "", "", "prefix", "fulltext", "term", "wildcard")
	if err != nil || name == "" {
		return err
	}
	low := strings.ToLower(name)
	test := func(s string) bool { return strings.Contains(s, low) }
	switch mode {
	case "prefix":
		test = func(s string) bool { return strings.HasPrefix(s, low) }
	case "term":
		test = func(s string) bool { return s == low }
	case "fulltext":
		test = func(s string) bool { return fullText(s, low) }
	case "wildcard":
		pattern := strings.NewReplacer("[", `\[`, "]", `\]`, `\`, `\\`).Replace(low)
		test = func(s string) bool { ok, err := path.Match(pattern, s); return ok && err == nil }
	}
	a.plain = append(a.plain, func(b *world.Brief) bool { return test(strings.ToLower(b.Name())) })
	return nil
}

// fullText reports whether every word of a query stands in a text.
func fullText(text, query string) bool {
	for _, w := range strings.Fields(strings.ToLower(query)) {
		if !strings.Contains(strings.ToLower(text), w) {
			return false
		}
	}
	return true
}

// byRequest: what the request said.
func byRequest(a *ask, c *fiber.Ctx, _ world.View) error {
	is := func(name string, of func(*record) string) {
		if want := c.Query(name); want != "" {
			a.deep = append(a.deep, func(r *record) bool { return of(r) == want })
		}
	}
	settings := func(r *record) *JobSettings {
		if s := r.request().Settings; s != nil {
			return s
		}
		return &JobSettings{}
	}
	is("JobType", func(r *record) string { return r.request().JobType })
	is("ResourceId", func(r *record) string { return r.request().ResourceId })
	is("BusinessUserId", func(r *record) string { return settings(r).BusinessUserId })
	is("Caller", func(r *record) string { return settings(r).Caller })
	is("PipelineId", func(r *record) string { return settings(r).PipelineId })
	is("TemplateId", func(r *record) string { return r.request().TemplateId })
	if all, _ := boolOf(c, "FromAllWorkspaces", false); !all {
		is("WorkspaceId", func(r *record) string { return r.request().WorkspaceId })
	}
	text := func(name string, of func(*record) string) {
		if q := c.Query(name); q != "" {
			a.deep = append(a.deep, func(r *record) bool { return fullText(of(r), q) })
		}
	}
	text("UserCommandSearch", func(r *record) string { return r.request().UserCommand })
	text("ImageSearch", func(r *record) string {
		var all []string
		for i := range r.request().JobSpecs {
			all = append(all, r.request().JobSpecs[i].Image)
		}
		return strings.Join(all, " ")
	})
	text("ReasonSearch", func(r *record) string { code, message := reason(r.hist().Last()); return code + " " + message })
	if part := c.Query("ResourceQuotaName"); part != "" {
		a.deep = append(a.deep, func(r *record) bool { return contains(r.request().ResourceId, part) })
	}
	return byTags(a, c)
}

func byTags(a *ask, c *fiber.Ctx) error {
	text := c.Query("Tags")
	if text == "" {
		return nil
	}
	var tags map[string]string
	if err := json.Unmarshal([]byte(text), &tags); err != nil {
		return invalid("Tags", "got %q, want a JSON object of texts such as {\"team\":\"a\"}", text)
	}
	a.deep = append(a.deep, func(r *record) bool {
		s := r.request().Settings
		for k, want := range tags {
			if s == nil {
				return false
			}
			if got, ok := s.Tags[k]; !ok || got != want {
				return false
			}
		}
		return true
	})
	return nil
}

// byNumber: NumericRangeField between NumericRangeMin and NumericRangeMax, both inclusive.
func byNumber(a *ask, c *fiber.Ctx, _ world.View) error {
	of := map[string]func(r *record) int64{
		"Duration":     (*record).seconds,
		"Priority":     func(r *record) int64 { return int64(r.j.Priority) },
		"RequestGPU":   func(r *record) int64 { return int64(r.j.Need().GPUs) },
		"RequestCPU":   func(r *record) int64 { return (r.j.Need().CPUMilli + 999) / 1000 },
		"NodeCount":    func(r *record) int64 { return int64(r.j.Need().Pods) },
		"RestartTimes": func(r *record) int64 { return int64(r.hist().Restarts()) },
	}
	low, err := int64Of(c, "NumericRangeMin", math.MinInt64)
	if err != nil {
		return err
	}
	high, err := int64Of(c, "NumericRangeMax", math.MaxInt64)
	if err != nil {
		return err
	}
	field := c.Query("NumericRangeField")
	if field == "" {
		return nil
	}
	value, ok := of[field]
	if !ok {
		return invalid("NumericRangeField", "got %q, want Duration, Priority, RequestGPU, RequestCPU, NodeCount or RestartTimes", field)
	}
	a.cheap = append(a.cheap, func(r *record) bool { n := value(r); return n >= low && n <= high })
	return nil
}

// byKind: status, visibility, payment, idle resources, assigned nodes.
func byKind(a *ask, c *fiber.Ctx, _ world.View) error {
	if list := c.Query("Status"); list != "" {
		want := strings.Split(list, ",")
		for i, s := range want {
			want[i] = strings.TrimSpace(s)
			if !slices.Contains(allStatuses(), want[i]) {
				return invalid("Status", "got %q, want one of %s", s, strings.Join(allStatuses(), ", "))
			}
		}
		a.alive = append(a.alive, func(r *record) bool { return slices.Contains(want, status(r.hist().Last())) })
		a.plain = append(a.plain, func(b *world.Brief) bool {
			if !b.Ended() {
				return true
			}
			last := b.Last()
			return slices.Contains(want, status(&last))
		})
	}
	access, err := oneOf(c, "Accessibility", "", "", "PUBLIC", "PRIVATE")
	if err != nil {
		return err
	}
	pay, err := oneOf(c, "PaymentType", "", "", "PrePaid", "Spot", "PostPaid")
	if err != nil {
		return err
	}
	idle, err := oneOf(c, "OversoldInfo", "", "", "ForbiddenQuotaOverSold", "ForceQuotaOverSold", "AcceptQuotaOverSold-true", "AcceptQuotaOverSold-false")
	if err != nil {
		return err
	}
	pinned, err := boolOf(c, "EnableAssignNode", false)
	if err != nil {
		return err
	}
	if access != "" {
		a.deep = append(a.deep, func(r *record) bool { return r.request().Accessibility == access })
	}
	if pay != "" {
		a.deep = append(a.deep, func(r *record) bool { return payment(r.request()) == pay })
	}
	if idle != "" {
		a.deep = append(a.deep, func(r *record) bool { return oversold(r.request()) == idle })
	}
	if c.Query("EnableAssignNode") != "" {
		a.deep = append(a.deep, func(r *record) bool { return assigned(r.request()) == pinned })
	}
	return nil
}

// payment: spot jobs bid, quotas are paid for in advance, public resources afterwards.
func payment(r *CreateJobRequest) string {
	if r.spot() {
		return "Spot"
	}
	if r.ResourceId != "" {
		return "PrePaid"
	}
	return "PostPaid"
}

// spot reports whether the job bids for spot resources, for any of its roles.
func (r *CreateJobRequest) spot() bool {
	return slices.ContainsFunc(r.JobSpecs, func(s JobSpec) bool { return s.SpotSpec != nil || on(s.UseSpotInstance) })
}

// oversold: nothing here uses idle resources, so who would accept them did without.
func oversold(r *CreateJobRequest) string {
	if r.Settings != nil && r.Settings.OversoldType == "AcceptQuotaOverSold" {
		return "AcceptQuotaOverSold-false"
	}
	if r.Settings != nil && r.Settings.OversoldType != "" {
		return r.Settings.OversoldType
	}
	return "ForbiddenQuotaOverSold"
}

func assigned(r *CreateJobRequest) bool {
	return slices.ContainsFunc(r.JobSpecs, func(s JobSpec) bool { return s.AssignNodeSpec != nil && on(s.AssignNodeSpec.EnableAssignNode) })
}
