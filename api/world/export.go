package world

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/orrery-sim/orrery/api/world/journal"
	"github.com/orrery-sim/orrery/sim/state"
)

// stateFormat names an exported state and its version.
const stateFormat = "orrery-world/1"

// maxState bounds an imported state, unpacked.
const maxState = 1 << 30

// exported is the first line of a state; behind it come the commits.
type exported struct {
	Format   string     `json:"format"`
	Identity string     `json:"identity"` // of the origin
	Seed     uint64     `json:"seed"`
	Held     bool       `json:"held"` // instant 0 was opened with a standing clock
	Now      state.Time `json:"now_ns"`
}

// Export is the world as it stands, for Import: the commands that made it, and where the clock stands.
func (w *World) Export(ctx context.Context) ([]byte, error) {
	var b bytes.Buffer
	_, err := w.alone(ctx, func() error {
		z := gzip.NewWriter(&b)
		if err := json.NewEncoder(z).Encode(exported{stateFormat, w.origin.Identity, w.ids.seed, w.held, w.stands()}); err != nil {
			return err
		}
		if err := w.writeCommits(z); err != nil {
			return err
		}
		return z.Close()
	})
	return b.Bytes(), err
}

func (w *World) writeCommits(to io.Writer) error {
	if w.journal == nil {
		return w.ledger.writeTo(to)
	}
	return w.journal.Replay(func(c journal.Commit) error {
		_, err := to.Write(appendCommit(nil, &c))
		return err
	})
}

// unpack reads a state.
func unpack(data []byte) (head exported, commits []journal.Commit, err error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return head, nil, fmt.Errorf("it is no exported state of a world: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(z, maxState+1))
	if err != nil {
		return head, nil, fmt.Errorf("the state is damaged: %w", err)
	}
	if len(text) > maxState {
		return head, nil, fmt.Errorf("the state is larger than %d bytes", maxState)
	}
	line, rest, _ := bytes.Cut(text, []byte("\n"))
	if err := json.Unmarshal(line, &head); err != nil || head.Format != stateFormat {
		return head, nil, fmt.Errorf("got a state of format %q, want %q", head.Format, stateFormat)
	}
	for len(rest) > 0 {
		var c journal.Commit
		if c, rest, err = takeCommit(rest); err != nil {
			return head, nil, fmt.Errorf("the state is damaged: %w", err)
		}
		commits = append(commits, c)
	}
	return head, commits, nil
}

// Import makes the world what another one of the same origin was when it was exported; its calendar stays. Either all of it
// is taken in, or the world is as it was.
func (w *World) Import(ctx context.Context, data []byte) (View, error) {
	head, commits, err := unpack(data)
	if err != nil {
		return View{}, err
	}
	return w.alone(ctx, func() error {
		if head.Identity != w.origin.Identity || head.Seed != w.ids.seed {
			return errors.New("the state is of a world that was made from another scenario, seed or policy")
		}
		if head.Now < 0 || head.Now > lastInstant {
			return fmt.Errorf("the state is damaged: its clock stands at %d ns", head.Now)
		}
		was, plan := w.present, w.plan
		err := w.adopt(head, commits)
		if err == nil && w.journal != nil {
			err = w.journal.Replace(commits, head.Now, map[string]string{metaHeld: fmt.Sprint(w.held)})
		}
		if err != nil {
			if w.plan != plan {
				_ = w.plan.Close() // nobody asks its policy
			}
			if w.book != was.book {
				_ = w.book.past.Remove()
			}
			w.present, w.plan, w.stale = was, plan, nil
			return fmt.Errorf("the state cannot be taken in; the world is as it was: %w", err)
		}
		_ = plan.Close()
		w.unshow()
		if w.journal != nil {
			w.forgetSaves()
			w.tidy()
		}
		return nil
	})
}

// adopt makes the world anew from commits.
func (w *World) adopt(head exported, commits []journal.Commit) error {
	plan, err := w.cfg.Load()
	if err != nil {
		return err
	}
	speed := w.clock.speed
	ended, err := w.emptyArchive(1)
	if err == nil {
		err = w.begin(plan, ended)
	}
	if err != nil {
		return err
	}
	w.held, w.ledger, w.later = head.Held, ledger{}, nil
	if err := w.openAs(); err != nil {
		return err
	}
	for i := range commits {
		c := &commits[i]
		list, err := decode(c.Body)
		if err != nil {
			return err
		}
		if err := w.replay(&past{c.At, c.Hold, list}); err != nil {
			return err
		}
		if w.journal == nil {
			w.ledger.add(*c)
		}
	}
	if w.engine.Now() > head.Now {
		return fmt.Errorf("its clock stands at %d ns, before the last command at %d ns", head.Now, w.engine.Now())
	}
	if _, err := w.engine.Run(head.Now + 1); err != nil {
		return err
	}
	w.later.forget(head.Now+1, nil)
	w.clock = clock{speed: speed, base: head.Now, wall: w.wall()}
	return nil
}
