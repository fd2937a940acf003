package world_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/api/world/play"
	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/check"
	"github.com/orrery-sim/orrery/sim/state"
)

const s = state.Second

const small = `
apiVersion: orrery/v1
kind: Scenario
name: small
cluster:
  nodeTypes: {a: {gpu: A100-80, gpus: 8, cpus: 64, memory: 512GiB}}
  pools: [{name: p, nodeType: a, nodes: 2}]
queues: [{name: train}, {name: dev}]
policy: {order: priority}
`

// bench is a world with the invariant checker beside it.
type bench struct {
	*world.World
	t     testing.TB
	check *check.Checker
}

func start(t testing.TB, speed, extra string) *bench {
	t.Helper()
	b := &bench{t: t}
	sp, err := world.ParseSpeed(speed)
	if err != nil {
		t.Fatal(err)
	}
	b.World, err = world.New(world.Config{Speed: sp, Listeners: func() []state.Listener {
		b.check = check.New()
		return []state.Listener{b.check}
	}, Load: func() (*scenarios.Plan, error) {
		l, err := scenarios.Parse("small.yaml", ".", []byte(small+extra))
		if err != nil {
			return nil, err
		}
		return l.Compile()
	}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// stop closes the world and asks the checker.
func (b *bench) stop() {
	b.t.Helper()
	b.Close()
	if err := b.check.Err(); err != nil {
		b.t.Error(err)
	}
}

func job(command string, gpus int) *world.Submission {
	pods := 1
	for gpus > 8 {
		pods, gpus = pods*2, gpus/2
	}
	return &world.Submission{Name: "j", User: "u", Roles: []world.Role{{Name: "Worker", Replicas: pods, GPUs: gpus, CPUMilli: 1000}}, Play: play.Request{Command: command}}
}

func (b *bench) submit(sub *world.Submission) string {
	b.t.Helper()
	j, v, err := b.Submit(b.t.Context(), sub)
	if err != nil {
		b.t.Fatal(err)
	}
	return v.Token(j)
}

func (b *bench) look() world.View {
	b.t.Helper()
	v, err := b.Look(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return v
}

// phase is where a job stands.
func (b *bench) phase(token string) play.Phase {
	b.t.Helper()
	v := b.look()
	j, ok := v.Job(token)
	if !ok {
		b.t.Fatalf("no job %s", token)
	}
	h := v.History(j)
	return h.Last().Phase
}

func (b *bench) want(token string, p play.Phase) {
	b.t.Helper()
	if got := b.phase(token); got != p {
		b.t.Errorf("phase %d, want %d", got, p)
	}
}

func TestALifeAtAMultipleOfWallTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, "60", "")
		defer b.stop()
		j := b.submit(job("sleep 120", 8))
		b.want(j, play.Creating)
		time.Sleep(50 * time.Millisecond) // 3 s
		b.want(j, play.Preparing)
		time.Sleep(time.Second) // 63 s
		b.want(j, play.Running)
		time.Sleep(2 * time.Second)
		b.want(j, play.Succeeded)
		v := b.look()
		if got, want := v.Now, state.Time(60*3050*1e6); got != want+1 { // the job came an instant after the world's first
			t.Errorf("simulated time is %d, want %d", got, want+1)
		}
		if got := v.Time(0); !got.Equal(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)) { // the bubble's wall time
			t.Errorf("instant 0 is %s", got)
		}
	})
}

func TestAWallGapIsNotCaughtUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, "1", "")
		defer b.stop()
		time.Sleep(4 * time.Second)
		if got := b.look().Now; got != 4*s {
			t.Errorf("after 4 s it is %d", got)
		}
		time.Sleep(time.Hour) // the world ticks every second: this is no gap
		if got := b.look().Now; got != 3604*s {
			t.Errorf("after an hour it is %d", got)
		}
	})
}

func TestAStandingClockTakesCommandsAndDecidesNothing(t *testing.T) {
	b := start(t, "paused", "")
	defer b.stop()
	first, second := b.submit(job("sleep 5", 8)), b.submit(job("sleep 5", 8))
	if first == second {
		t.Fatal("two jobs have one id")
	}
	b.want(first, play.Creating)
	v, err := b.Advance(t.Context(), 3*s)
	if err != nil || v.Now < 3*s || v.Now > 3*s+100 {
		t.Fatal(v.Now, err)
	}
	b.want(first, play.Preparing)
	third := b.submit(job("sleep 5", 16))
	if _, err := b.Stop(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	b.want(first, play.Stopping)
	if _, err := b.Stop(t.Context(), first); err != nil {
		t.Error("a second stop:", err)
	}
	if _, err := b.Advance(t.Context(), 200*s); err != nil {
		t.Fatal(err)
	}
	b.want(first, play.Stopped)
	b.want(second, play.Succeeded)
	b.want(third, play.Succeeded)
	if _, err := b.AdvanceTo(t.Context(), s); err == nil {
		t.Error("the clock went back")
	}
}

func TestEachCallMovesTheClock(t *testing.T) {
	b := start(t, "request=10s", "")
	defer b.stop()
	var told []string
	j := b.submit(job("sleep 30", 1))
	for range 7 {
		v := b.look()
		rec, _ := v.Job(j)
		h := v.History(rec)
		told = append(told, fmt.Sprintf("%d:%d", v.Now/s, h.Last().Phase))
	}
	if got := strings.Join(told, " "); got != "20:3 30:5 40:5 50:5 60:9 70:9 80:9" {
		t.Error(got)
	}
	if v, err := b.Peek(t.Context()); err != nil || v.Now != 80*s {
		t.Error("a look at the control's side moved the clock", v.Now, err)
	}
}

func TestMaxRunsUntilNoJobIsActive(t *testing.T) {
	b := start(t, "max", "")
	defer b.stop()
	j := b.submit(job("sleep 3600", 1))
	waitFor(t, func() bool { return b.phase(j) == play.Succeeded })
	now := b.look().Now
	if now < 3600*s || now > 3700*s {
		t.Errorf("it stands at %d", now)
	}
	if again := b.look().Now; again != now || b.Status().Active != 0 {
		t.Errorf("it does not stand: %d, %d", now, again)
	}
}

// waitFor polls for what another goroutine brings about.
func waitFor(t testing.TB, done func() bool) {
	t.Helper()
	for range 20_000 {
		if done() {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("it does not happen")
}

func TestRefusals(t *testing.T) {
	b := start(t, "paused", "")
	defer b.stop()
	ctx := t.Context()
	j := b.submit(job("sleep 5", 1))
	if _, err := b.Delete(ctx, j); !errors.Is(err, world.ErrActive) {
		t.Error("delete:", err)
	}
	for _, bad := range []string{"", "nonsense", "zzzzzzzzzzzzz", "0000000000000"} {
		if _, err := b.Stop(ctx, bad); !errors.Is(err, world.ErrNotFound) {
			t.Errorf("stop %q: %v", bad, err)
		}
		if _, ok := b.look().Job(bad); ok {
			t.Errorf("%q was found", bad)
		}
	}
	q := job("sleep 5", 1)
	q.Queue = "nowhere"
	var unknown *world.UnknownQueueError
	if _, _, err := b.Submit(ctx, q); !errors.As(err, &unknown) {
		t.Error("queue:", err)
	}
	e := job("sleep 5", 1)
	e.Play.Env = map[string]string{play.EnvDuration: "soon"}
	var env *play.EnvError
	if _, _, err := b.Submit(ctx, e); !errors.As(err, &env) {
		t.Error("environment:", err)
	}
	ty := job("sleep 5", 1)
	ty.Roles[0].GPUType = "Z1"
	if _, _, err := b.Submit(ctx, ty); err == nil || !strings.Contains(err.Error(), "Z1") {
		t.Error("type:", err)
	}
	if next := b.submit(job("sleep 5", 1)); next == j {
		t.Error("ids repeat")
	}
	if _, err := b.Advance(ctx, 500*s); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Stop(ctx, j); !errors.Is(err, world.ErrEnded) {
		t.Error("stop after the end:", err)
	}
	if _, err := b.Delete(ctx, j); err != nil {
		t.Error("delete:", err)
	}
	if _, err := b.Delete(ctx, j); !errors.Is(err, world.ErrNotFound) {
		t.Error("delete again:", err)
	}
	if n := len(b.look().Jobs()); n != 1 {
		t.Errorf("%d jobs are listed", n)
	}
	b.Close()
	if _, _, err := b.Submit(ctx, job("sleep 5", 1)); !errors.Is(err, world.ErrClosed) {
		t.Error("after the end of the world:", err)
	}
	if _, err := b.Look(ctx); !errors.Is(err, world.ErrClosed) {
		t.Error("after the end of the world:", err)
	}
}

func TestAmend(t *testing.T) {
	b := start(t, "paused", "")
	defer b.stop()
	ctx := t.Context()
	first := b.submit(job("sleep 50", 16))
	if _, err := b.Advance(ctx, 3*s); err != nil { // creating a job takes its time
		t.Fatal(err)
	}
	low, high := b.submit(job("sleep 5", 16)), b.submit(job("sleep 100", 16))
	if _, err := b.Advance(ctx, 10*s); err != nil {
		t.Fatal(err)
	}
	nine := int32(9)
	v, err := b.Amend(ctx, high, func(*world.Job, world.View) (world.Amendment, error) {
		return world.Amendment{Priority: &nine, Payload: []byte("new")}, nil
	})
	if j, _ := v.Job(high); err != nil || j.Priority != 9 || string(j.Payload) != "new" {
		t.Fatal(j, err)
	}
	if _, err := b.Advance(ctx, 70*s); err != nil {
		t.Fatal(err)
	}
	b.want(first, play.Succeeded)
	b.want(low, play.Waiting)
	if p := b.phase(high); p != play.Preparing && p != play.Running {
		t.Error("the higher priority did not go first:", p)
	}
	no := errors.New("no")
	if _, err := b.Amend(ctx, low, func(*world.Job, world.View) (world.Amendment, error) { return world.Amendment{}, no }); !errors.Is(err, no) {
		t.Error(err)
	}
	if _, err := b.Amend(ctx, first, func(*world.Job, world.View) (world.Amendment, error) { return world.Amendment{Priority: &nine}, nil }); !errors.Is(err, world.ErrEnded) {
		t.Error(err)
	}
}

// The same calls give the same ids, instants and lives, however the wall's time passes between them.
func TestTheSameCallsGiveTheSameWorld(t *testing.T) {
	tell := func(pause bool) string {
		b := start(t, "request=7s", "")
		defer b.stop()
		var ids []string
		for i := range 12 {
			ids = append(ids, b.submit(job("python x.py", 1+i%16)))
			if pause && i%5 == 0 {
				time.Sleep(3 * time.Millisecond)
			}
			if i%3 == 2 {
				if _, err := b.Stop(t.Context(), ids[i-1]); err != nil {
					t.Fatal(err)
				}
			}
		}
		v := b.look()
		var out []string
		for _, j := range v.Jobs() {
			out = append(out, fmt.Sprint(v.Token(j), v.History(j), j.Pods, v.UUID("pod", j, 1)))
		}
		return strings.Join(out, "\n")
	}
	if a, b := tell(false), tell(true); a != b {
		t.Errorf("%s\n\nand\n\n%s", a, b)
	}
}

func TestJobsOfTheScenario(t *testing.T) {
	b := start(t, "paused", "workload: {generator: {preset: philly, jobs: 20}, queue: dev}\n")
	defer b.stop()
	v, err := b.Advance(t.Context(), 7200*s)
	if err != nil {
		t.Fatal(err)
	}
	jobs := v.Jobs()
	if len(jobs) == 0 {
		t.Fatal("no job")
	}
	for _, j := range jobs {
		h := v.History(j)
		found, ok := v.Job(v.Token(j))
		if !ok || !reflect.DeepEqual(found, j) || j.Command != 0 || len(h.Steps) == 0 {
			t.Errorf("job %d: %v %v", j.Number, ok, h)
		}
	}
}

// Whoever got an answer sees it in every later read, with many callers at once; run it with -race.
func TestReadYourWrites(t *testing.T) {
	b := start(t, "1000", "")
	defer b.stop()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var all sync.WaitGroup
	for range 16 {
		all.Add(1)
		go func() {
			defer all.Done()
			var last state.Time
			for i := range 30 {
				j, v, err := b.Submit(ctx, job("sleep 100", 1))
				if err != nil {
					t.Error(err)
					return
				}
				token := v.Token(j)
				if i%2 == 0 {
					if _, err := b.Stop(ctx, token); err != nil && !errors.Is(err, world.ErrEnded) {
						t.Error(err)
					}
				}
				v, err = b.Look(ctx)
				if err != nil {
					t.Error(err)
					return
				}
				if v.Now < last {
					t.Errorf("time went back from %d to %d", last, v.Now)
				}
				last = v.Now
				seen, ok := v.Job(token)
				if !ok {
					t.Errorf("job %s is not there", token)
					continue
				}
				if h := v.History(seen); i%2 == 0 && h.Last().Phase < play.Stopping {
					t.Errorf("a stopped job is in phase %d", h.Last().Phase)
				}
			}
		}()
	}
	all.Wait()
	if n := b.Status().Jobs; n != 16*30 {
		t.Errorf("%d jobs", n)
	}
}

func TestSpeeds(t *testing.T) {
	for _, good := range []string{"1", "0.5", "60", "max", "paused", "request=10s"} {
		if sp, err := world.ParseSpeed(good); err != nil || sp.String() != good {
			t.Errorf("%s: %v, %v", good, sp, err)
		}
	}
	for _, bad := range []string{"", "0", "-1", "fast", "NaN", "Inf", "1e9", "request=", "request=0s", "request=x"} {
		if _, err := world.ParseSpeed(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestControl(t *testing.T) {
	b := start(t, "paused", "")
	defer b.stop()
	ctx := t.Context()
	j := b.submit(job("sleep 600", 8))
	is := func(want play.Phase) func(world.View, []*world.Job) bool {
		return func(v world.View, jobs []*world.Job) bool {
			h := v.History(jobs[0])
			return h.Last().Phase == want
		}
	}
	ok, v, err := b.WaitFor(ctx, 100*s, []string{j}, is(play.Running))
	if rec, _ := v.Job(j); err != nil || !ok || v.Now != rec.Life.Attempts[0].Start+rec.Life.Script.Prepare {
		t.Fatal("it stands behind the instant at which the job runs:", v.Now, ok, err)
	}
	if ok, v, err := b.WaitFor(ctx, 200*s, []string{j}, is(play.Succeeded)); ok || err != nil || v.Now != 200*s {
		t.Error("the limit:", v.Now, ok, err)
	}
	if _, _, err := b.WaitFor(ctx, 300*s, []string{"0000000000000"}, is(play.Running)); !errors.Is(err, world.ErrNotFound) {
		t.Error(err)
	}
	if _, err := b.Preempt(ctx, j); err != nil {
		t.Fatal(err)
	}
	b.want(j, play.Restarting)
	if _, err := b.Exit(ctx, j, 1); err == nil {
		t.Error("a job that waits was made to exit")
	}
	if ok, _, err := b.WaitFor(ctx, 400*s, []string{j}, is(play.Running)); !ok || err != nil {
		t.Error(ok, err)
	}
	if _, err := b.Exit(ctx, j, 137); err != nil {
		t.Fatal(err)
	}
	v = b.look()
	rec, _ := v.Job(j)
	h := v.History(rec)
	if last := h.Last(); last.Phase != play.Failed || last.Code != 137 || len(h.Tries) != 2 || h.Tries[1].Code != 137 {
		t.Error(h)
	}
	if _, err := b.Exit(ctx, j, 1); !errors.Is(err, world.ErrEnded) {
		t.Error(err)
	}
	second := b.submit(job("sleep 600", 16))
	if ok, _, err := b.WaitFor(ctx, 600*s, []string{second}, is(play.Running)); !ok || err != nil {
		t.Error(ok, err)
	}
	if _, err := b.ChangeNode(ctx, "p-0001", sim.ChangeDown); err != nil {
		t.Fatal(err)
	}
	b.want(second, play.Failed)
	if _, err := b.ChangeNode(ctx, "p-0009", sim.ChangeDown); !errors.Is(err, world.ErrNotFound) {
		t.Error(err)
	}
	if v, err = b.Reset(ctx); err != nil || v.Now != 0 || len(v.Jobs()) != 0 || b.Status().Jobs != 0 {
		t.Error("after a reset:", v.Now, err)
	}
	if again := b.submit(job("sleep 600", 8)); again != j {
		t.Errorf("after a reset the first job is %s, was %s", again, j)
	}
}

// Readers and writers go on while a world is reset; run it with -race.
func TestResetAmongReaders(t *testing.T) {
	b := start(t, "1000", "")
	defer b.stop()
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for range 4 {
		all.Add(1)
		go func() {
			defer all.Done()
			for ctx.Err() == nil {
				j, v, err := b.Submit(ctx, job("sleep 10", 1))
				if err != nil {
					continue // it was reset away, or the test is over
				}
				_, _ = v.Time(v.Now), v.Token(j)
				if v, err := b.Look(ctx); err == nil {
					for _, j := range v.Jobs() {
						v.History(j)
					}
				}
			}
		}()
	}
	for range 20 {
		if _, err := b.Reset(t.Context()); err != nil {
			t.Error(err)
		}
	}
	cancel()
	all.Wait()
}
