package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/orrery-sim/orrery/api"
	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/scenarios/library"
)

// What may be left of a job that ended in a world with a folder, and of everything else, in bytes of the heap.
const (
	churnJob   = 250
	churnSlack = 4 << 20
)

// churner calls a server as clients do all day.
type churner struct {
	t      *testing.T
	base   string
	client http.Client
}

func (c *churner) call(method, path, body string) map[string]any {
	r, err := http.NewRequest(method, c.base+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	resp, err := c.client.Do(r)
	if err != nil {
		c.t.Error(err)
		return nil
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= 500 {
		c.t.Errorf("%s %s: %d %s %v", method, path, resp.StatusCode, text, err)
		return nil
	}
	var out map[string]any
	if json.Unmarshal(text, &out) != nil && !bytes.HasPrefix(text, []byte("#")) {
		c.t.Errorf("%s %s: %q", method, path, text)
	}
	return out
}

// turn is ten operations of one client: a job's life with what somebody looks at meanwhile.
func (c *churner) turn(n int) {
	created := c.call("POST", "/api/v1/jobs", fmt.Sprintf(`{"DisplayName": "churn-%d", "JobType": "PyTorchJob", "UserCommand": "%s", "Envs": {"N": "%d"}, "JobSpecs": [{"Type": "Worker", "PodCount": %d, "EcsSpec": "ecs.gn6i-c4g1.xlarge", "Image": "registry/image:1"}]}`,
		n, []string{"sleep 30", "python train.py", "exit 3", "sleep 5"}[n%4], n, 1+n%2))
	id, _ := created["JobId"].(string)
	job := "/api/v1/jobs/" + id
	detail := c.call("GET", job, "")
	c.call("GET", "/api/v1/jobs?PageSize=10", "")
	c.call("GET", "/api/v1/jobs?Status=Running&DisplayName=churn", "")
	c.call("GET", job+"/events", "")
	c.call("PUT", job, fmt.Sprintf(`{"Priority": %d}`, 1+n%9))
	if pods, _ := detail["Pods"].([]any); len(pods) > 0 {
		c.call("GET", job+"/pods/"+fmt.Sprint(pods[0].(map[string]any)["PodId"])+"/logs", "")
	} else {
		c.call("GET", "/api/v1/ecsspecs", "")
	}
	switch n % 3 {
	case 0:
		c.call("POST", job+"/stop", "")
	case 1:
		c.call("GET", "/orrery/v1/metrics", "")
	default:
		c.call("GET", "/api/v1/jobs/none", "")
	}
	c.call("DELETE", job, "") // refused while it runs
	c.call("GET", "/orrery/v1/clock", "")
}

// measured is what must not grow.
type measured struct {
	goroutines int
	heap       int64
	jobs       int
}

func (c *churner) measure(w *world.World) measured {
	for range 3 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return measured{runtime.NumGoroutine(), int64(m.HeapAlloc), w.Status().Jobs}
}

// An hour at a hundred operations a second leaves nothing behind but what ended jobs may take: no goroutine, no memory. In the ordinary
// tests it is a minute; ORRERY_CHURN=360000 is the hour (make churn).
func TestChurn(t *testing.T) {
	operations := 6_000
	if text := os.Getenv("ORRERY_CHURN"); text != "" {
		var err error
		if operations, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	for _, kept := range []bool{false, true} {
		t.Run(fmt.Sprintf("kept %v", kept), func(t *testing.T) {
			cfg := world.Config{Speed: world.Speed{Mode: world.Max}, Load: func() (*scenarios.Plan, error) {
				text, _ := library.Read("live")
				l, err := scenarios.Parse("live.yaml", ".", text)
				if err != nil {
					return nil, err
				}
				return l.Compile()
			}}
			perJob := int64(churnJob)
			if kept {
				cfg.Data, cfg.SaveEvery = t.TempDir(), 500
				cfg.Origin = func(*scenarios.Plan) (world.Origin, error) {
					return world.Origin{Identity: "churn", Scenario: "live", Dir: "."}, nil
				}
			} else {
				perJob = 1000 // its record is in memory too
			}
			w, err := world.New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			s, err := api.New(api.Config{World: w})
			if err != nil {
				t.Fatal(err)
			}
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			go func() { _ = s.Serve(l) }()
			defer s.Shutdown(3 * time.Second)
			const clients = 8
			c := &churner{t: t, base: "http://" + l.Addr().String(), client: http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}}
			defer c.client.CloseIdleConnections()
			turns := 0
			work := func(operations int) {
				var all sync.WaitGroup
				from := turns
				turns += operations / 10
				for k := range clients {
					all.Go(func() {
						for n := from + k; n < turns && !t.Failed(); n += clients {
							c.turn(n)
						}
					})
				}
				all.Wait()
			}
			work(max(3_000, operations/10)) // in an hour the log of calls is full
			warm := c.measure(w)
			began := time.Now()
			work(operations)
			is := c.measure(w)
			t.Logf("%d operations in %.1f s, %d jobs: goroutines %d, then %d; heap %d kB, then %d (%d B a job)", operations, time.Since(began).Seconds(), is.jobs-warm.jobs,
				warm.goroutines, is.goroutines, warm.heap>>10, is.heap>>10, (is.heap-warm.heap)/int64(max(1, is.jobs-warm.jobs)))
			if is.goroutines > warm.goroutines+2 { // a connection more or less
				t.Errorf("%d goroutines after the warm-up, %d at the end", warm.goroutines, is.goroutines)
			}
			if grown, may := is.heap-warm.heap, perJob*int64(is.jobs-warm.jobs)+churnSlack; grown > may {
				t.Errorf("the heap grew by %d bytes while %d jobs were made; it may by %d", grown, is.jobs-warm.jobs, may)
			}
			if err := w.Status().SaveErr; err != nil {
				t.Error(err)
			}
		})
	}
}
