package world

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/orrery-sim/orrery/api/world/journal"
	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/sim"
	"github.com/orrery-sim/orrery/sim/state"
)

// ReadOrigin is what the world of a folder was made from.
func ReadOrigin(dir string) (o Origin, err error) {
	j, err := journal.Reopen(dir)
	if err != nil {
		return o, err
	}
	defer j.Close()
	for key, to := range map[string]*string{metaIdentity: &o.Identity, metaScenario: &o.Scenario, metaDir: &o.Dir} {
		if *to, err = j.Meta(key); err != nil {
			return o, err
		}
	}
	if o.Scenario == "" {
		return o, fmt.Errorf("%s holds no world yet: nothing was served from it", dir)
	}
	return o, nil
}

// Replay are the commands of a folder's journal, for a plan; it is a scenarios.Commands. No world may have the folder meanwhile.
type Replay struct {
	journal    *journal.Journal
	cursor     *journal.Cursor
	dir        string
	translator translator
	epoch      time.Time
	sum        string
	held       bool // instant 0 was, and has not been given yet
	later      agenda
	batch      sim.Commands
}

// OpenReplay opens the journal of a folder; it is a scenarios.Journals.
func OpenReplay(dir string, p *scenarios.Plan) (scenarios.Commands, error) {
	j, err := journal.Reopen(dir)
	if err != nil {
		return nil, err
	}
	r := &Replay{journal: j, dir: dir, translator: newTranslator(p)}
	if err = r.open(); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	return r, nil
}

func (r *Replay) open() error {
	epoch, err := r.journal.Meta(metaEpoch)
	if err != nil {
		return err
	}
	if r.epoch, err = time.Parse(time.RFC3339Nano, epoch); err != nil {
		return fmt.Errorf("%s: its start cannot be read: %w", r.dir, err)
	}
	held, err := r.journal.Meta(metaHeld)
	if err != nil {
		return err
	}
	r.held = held == "true"
	h := sha256.New()
	fmt.Fprintf(h, "%s %v %d\n", epoch, r.held, r.journal.Bound())
	if err := r.journal.Replay(func(c journal.Commit) error {
		body := sha256.Sum256(c.Body)
		_ = binary.Write(h, binary.LittleEndian, struct {
			At   int64
			Hold bool
			Body [sha256.Size]byte
		}{int64(c.At), c.Hold, body})
		return nil
	}); err != nil {
		return err
	}
	r.sum = hex.EncodeToString(h.Sum(nil))
	r.cursor, err = r.journal.Commits(0)
	return err
}

// End is where the world's clock stood, or may have stood when its process was killed.
func (r *Replay) End() state.Time { return r.journal.Bound() }

// Epoch is the calendar time of instant 0.
func (r *Replay) Epoch() time.Time { return r.epoch }

// Sum is the checksum of the commands and of where the clock stood.
func (r *Replay) Sum() string { return r.sum }

// Close gives the folder free.
func (r *Replay) Close() error { return errors.Join(r.cursor.Close(), r.journal.Close()) }

// Next gives the commands of the next commit that has any for the engine.
func (r *Replay) Next() (*sim.Commands, error) {
	r.batch.List = r.batch.List[:0]
	if r.held { // nothing was decided while the clock stood
		r.held = false
		r.batch.At, r.batch.Hold = 0, true
		return &r.batch, nil
	}
	var c journal.Commit
	if ok, err := r.cursor.Next(&c); !ok || err != nil {
		return r.nextDue(), err
	}
	list, err := decode(c.Body)
	if err != nil {
		return nil, fmt.Errorf("%s: the journal is damaged: the commit at %d ns cannot be read: %w", r.dir, c.At, err)
	}
	r.batch.At, r.batch.Hold = c.At, c.Hold
	r.later.forget(c.At, list)
	for _, e := range list {
		if d, planned, err := e.later(); err == nil && planned {
			r.later.expect(d)
		}
		command, err := r.translator.command(e)
		if err != nil {
			return nil, fmt.Errorf("command %d of %s cannot be carried out: %w", e.Number, r.dir, err)
		}
		if command != nil {
			r.batch.List = append(r.batch.List, *command)
		}
	}
	return &r.batch, nil
}

// nextDue gives what was planned behind the last commit and came before the world's clock stood still.
func (r *Replay) nextDue() *sim.Commands {
	for len(r.later) > 0 && r.later[0].At <= r.End() {
		d := r.later[0]
		r.later = r.later[1:]
		if c, err := r.translator.command(d.Entry); err == nil && c != nil {
			r.batch.At, r.batch.Hold, r.batch.List = max(d.At, r.batch.At+1), false, append(r.batch.List[:0], *c)
			return &r.batch
		}
	}
	return nil
}
