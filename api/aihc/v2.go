package aihc

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/orrery-sim/orrery/api/lens"
)

// arguments are what a call of v2 asks for: the calls about jobs say it in their body, those about pools and queues in the query. Times and
// numbers of lines are texts, as in the real service, which refuses numbers.
type arguments struct {
	JobID       string `json:"jobId"`
	PodName     string `json:"podName"`
	Queue       string `json:"queue"`
	Status      string `json:"status"`
	Keyword     string `json:"keyword"`
	KeywordType string `json:"keywordType"`
	OrderBy     string `json:"orderBy"`
	Order       string `json:"order"`
	PageNumber  int    `json:"pageNumber"`
	PageSize    int    `json:"pageSize"`
	NeedDetail  *bool  `json:"needDetail"`
	Priority    string `json:"priority"`
	Keywords    string `json:"keywords"`
	StartTime   string `json:"startTime"`
	EndTime     string `json:"endTime"`
	MaxLines    string `json:"maxLines"`
	ChunkSize   string `json:"chunkSize"`
	Marker      string `json:"marker"`
	MetricType  string `json:"metricType"`
	TimeStep    string `json:"timeStep"`
	Handshake   string `json:"handshakeTimeoutSecond"`
	Ping        string `json:"pingTimeoutSecond"`
	JobList     []struct {
		JobID string `json:"jobId"`
	} `json:"jobList"`

	queueID string // of the query
}

// operation of v2; it answers with what stands beside the request id.
type operation struct {
	do   func(s *Service, c *fiber.Ctx, a *arguments) (fiber.Map, error)
	body bool // the body is read as arguments
	jobs bool // it is about the jobs of a pool, which the query names
}

// operations are what v2 offers, by action.
var operations = map[string]operation{
	"CreateJob":              {(*Service).createJobV2, false, true},
	"DescribeJobs":           {(*Service).describeJobs, true, true},
	"DescribeJob":            {(*Service).describeJob, true, true},
	"ModifyJob":              {(*Service).modifyJob, true, true},
	"StopJob":                {(*Service).stopJobV2, true, true},
	"StopJobs":               {(*Service).stopJobs, true, true},
	"DeleteJob":              {(*Service).deleteJobV2, true, true},
	"DescribeJobEvents":      {(*Service).describeJobEvents, true, true},
	"DescribePodEvents":      {(*Service).describePodEvents, true, true},
	"DescribeJobPodEvents":   {(*Service).describePodEvents, true, true},
	"DescribeJobLogs":        {(*Service).describeJobLogs, true, true},
	"DescribeJobMetrics":     {(*Service).describeJobMetrics, true, true},
	"DescribeJobNodes":       {(*Service).describeJobNodes, true, true},
	"DescribeJobWebterminal": {(*Service).describeJobWebterminal, true, true},

	"DescribeResourcePools":        {(*Service).describePools, false, false},
	"DescribeResourcePool":         {(*Service).describePool, false, false},
	"DescribeResourcePoolOverview": {(*Service).describeOverview, false, false},
	"DescribeQueues":               {(*Service).describeQueues, false, false},
	"DescribeQueue":                {(*Service).describeQueue, false, false},
}

// serveV2 answers calls that name an action; without one the address is somebody else's.
func (s *Service) serveV2(gate lens.Gate) fiber.Handler {
	return func(c *fiber.Ctx) error {
		action := c.Query("action")
		if action == "" {
			return c.Next()
		}
		id := lens.RequestID(c)
		c.Set("X-Bce-Request-Id", id)
		refuse := func(status int, code, message string) error {
			return c.Status(status).JSON(fiber.Map{"code": code, "message": message, "requestId": id})
		}
		a := &arguments{}
		o, known := operations[action]
		run := func() error {
			answer, err := s.callV2(c, action, o, known, a)
			if err != nil {
				e := explain(err, a.JobID, c.Method() != fiber.MethodGet)
				return refuse(e.Status, inV2(e.Code), e.Message)
			}
			answer["requestId"] = id
			return c.JSON(answer)
		}
		if gate == nil {
			return run()
		}
		return gate(c, action, s.jobNameV2(c, action), run, refuse)
	}
}

// inV2 is how v2 spells a code.
func inV2(code string) string {
	if code == codeInvalid || code == codeMalformed {
		return strings.TrimPrefix(code, "cce.warning.")
	}
	return code
}

func (s *Service) callV2(c *fiber.Ctx, action string, o operation, known bool, a *arguments) (fiber.Map, error) {
	if v := cmp.Or(c.Get("X-API-Version"), c.Get("version")); v != "" && v != "v2" {
		return nil, lens.Invalid("X-API-Version", "got %q, want v2", v)
	}
	if !known {
		return nil, &Error{fiber.StatusBadRequest, codeNotYet, "there is no action " + action}
	}
	if o.body && len(c.Body()) > 0 {
		if err := lens.Decode(c.Body(), a); err != nil {
			return nil, &Error{fiber.StatusBadRequest, codeMalformed, err.Error()}
		}
	}
	if err := a.fill(c); err != nil {
		return nil, err
	}
	if o.jobs {
		if err := pool(c); err != nil {
			return nil, err
		}
	}
	return o.do(s, c, a)
}

// fill takes from the query what the body does not say; its names' capitals do not count, as clients differ in them.
func (a *arguments) fill(c *fiber.Ctx) (err error) {
	text := func(to *string, names ...string) {
		for _, n := range names {
			*to = cmp.Or(*to, c.Query(n))
		}
	}
	number := func(to *int, high int, names ...string) {
		for _, n := range names {
			if *to == 0 && err == nil && c.Query(n) != "0" {
				*to, err = lens.Int(c, n, 0, 1, high)
			}
		}
		if err == nil && (*to < 0 || *to > high) {
			err = lens.Invalid(names[0], "got %d, want 1 to %d", *to, high)
		}
	}
	text(&a.JobID, "jobId")
	text(&a.PodName, "podName")
	text(&a.Queue, "queue")
	text(&a.Status, "status")
	text(&a.Keyword, "keyword")
	text(&a.KeywordType, "keywordType")
	text(&a.OrderBy, "orderBy")
	text(&a.Order, "order")
	text(&a.MetricType, "metricType")
	text(&a.queueID, "queueID", "queueId")
	number(&a.PageNumber, 1_000_000, "pageNumber", "PageNumber")
	number(&a.PageSize, 1000, "pageSize", "PageSize")
	a.PageNumber, a.PageSize = max(a.PageNumber, 1), cmp.Or(a.PageSize, 10)
	a.Order = strings.ToLower(cmp.Or(a.Order, "desc"))
	if err == nil && a.Order != "asc" && a.Order != "desc" {
		err = lens.Invalid("order", "got %q, want asc or desc", a.Order)
	}
	return err
}

// jobNameV2 is the name of the job that a call is about, as far as that is known without moving the clock.
func (s *Service) jobNameV2(c *fiber.Ctx, action string) string {
	var in struct {
		Name  string
		JobID string `json:"jobId"`
	}
	_ = json.Unmarshal(c.Body(), &in) // what is wrong with it the operation says
	if action == "CreateJob" {
		return in.Name
	}
	if id := cmp.Or(in.JobID, c.Query("jobId")); id != "" {
		if j, ok := s.world.Glance().Job(s.Token(id)); ok {
			return j.Name
		}
	}
	return ""
}
