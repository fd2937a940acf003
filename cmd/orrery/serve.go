package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/orrery-sim/orrery/api"
	"github.com/orrery-sim/orrery/api/world"
	"github.com/orrery-sim/orrery/scenarios"
	"github.com/orrery-sim/orrery/scenarios/library"
	"github.com/orrery-sim/orrery/scenarios/ydec"
)

// defaultWorld is the shipped scenario of a world that was given none.
const defaultWorld = "live"

// serveOptions are the flags of orrery serve.
type serveOptions struct {
	listen, portFile, speed, epoch string
	data                           string
	saveEvery                      uint64
	hosts                          []string
	insecure, print, verbose       bool
	scenario                       scenarioFlags
}

func (o *serveOptions) flags(cmd *cobra.Command, listen string) {
	o.scenario.add(cmd)
	f := cmd.Flags()
	f.StringVar(&o.listen, "listen", listen, "address and port; port 0: any free one")
	f.StringVar(&o.portFile, "port-file", "", "write the port into this file when ready")
	f.StringVar(&o.speed, "speed", "60", "simulated seconds a second, or max, paused, request=10s (so much each call)")
	f.StringVar(&o.epoch, "epoch", "", "calendar time of the start, RFC 3339 (default: the scenario's, else now)")
	f.StringVar(&o.data, "data", "", "folder in which the world outlives the process; default: it ends with it")
	f.Uint64Var(&o.saveEvery, "snapshot-every", 50_000, "commands between two snapshots of the folder (100 times as many events count as well)")
	f.StringArrayVar(&o.hosts, "allow-host", nil, "host name beside loopback that requests may name; * for any")
	f.BoolVar(&o.insecure, "insecure", false, "allow an address that other machines reach: signatures are not verified")
	f.BoolVar(&o.verbose, "verbose", false, "log every call to standard error, a JSON object a line")
	f.BoolVar(&o.print, "print-scenario", false, "write the scenario and exit")
}

func (m Main) serveCommand() *cobra.Command {
	var o serveOptions
	cmd := &cobra.Command{
		Use:   "serve [scenario.yaml]",
		Short: "Serve a live cluster that does not exist: the APIs of PAI-DLC, AIHC and ModelArts over a simulation",
		Args:  atMostOne("a scenario file, or nothing"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return m.serve(cmd, append(args, defaultWorld)[0], &o)
		},
	}
	o.flags(cmd, "127.0.0.1:8080")
	return cmd
}

// serve runs until the context ends. Ending that way is what a server is for: it is no error.
func (m Main) serve(cmd *cobra.Command, file string, o *serveOptions) error {
	if o.print {
		return m.printScenario(cmd, file, o)
	}
	s, err := m.start(o.plans(cmd, file), o)
	if err != nil {
		return err
	}
	defer func() {
		last := s.stop()
		if o.data != "" && last.Digest != "" {
			fmt.Fprintf(m.Err, "%s: the clock stands at %s   digest %s\n", plain(o.data), last.Now.Format(time.RFC3339Nano), last.Digest)
		}
	}()
	if o.portFile != "" {
		if err := writePort(o.portFile, s.port()); err != nil {
			return err
		}
		defer os.Remove(o.portFile)
	}
	fmt.Fprintf(m.Out, "ready http://%s\n", s.listener.Addr())
	select {
	case <-cmd.Context().Done():
		return nil
	case err := <-s.failed:
		return fmt.Errorf("serve: %w", err)
	}
}

// plans compiles the scenario anew each time: a world that is reset starts from it again.
func (o *serveOptions) plans(cmd *cobra.Command, file string) func() (*scenarios.Plan, error) {
	return func() (*scenarios.Plan, error) {
		l, err := o.scenario.load(cmd, file)
		if err != nil {
			return nil, err
		}
		if l.Journal != "" {
			return nil, &inputError{fmt.Errorf("%s: a scenario with a journal can be run, not served\n  found journal: %s\n  serve the scenario that the world began "+
				"with, and give its folder to --data", file, l.Journal)}
		}
		return l.Compile()
	}
}

// printScenario writes the scenario that would be served: its own text, or with the flags applied and every default filled in.
func (m Main) printScenario(cmd *cobra.Command, file string, o *serveOptions) error {
	l, err := o.scenario.load(cmd, file)
	if err != nil {
		return err
	}
	text, shipped := library.Read(file)
	if f := cmd.Flags(); !shipped || f.Changed("set") || f.Changed("policy") || f.Changed("seed") {
		if text, err = ydec.Encode(&l.Scenario); err != nil {
			return err
		}
	}
	_, err = m.Out.Write(text)
	return err
}

// server is a world with its web server.
type server struct {
	world    *world.World
	api      *api.Server
	listener net.Listener
	failed   chan error
}

// start opens the port when everything behind it is ready.
func (m Main) start(load func() (*scenarios.Plan, error), o *serveOptions) (*server, error) {
	cfg := world.Config{Load: load}
	var err error
	if cfg.Speed, err = world.ParseSpeed(o.speed); err != nil {
		return nil, usageError{fmt.Errorf("--%w", err)}
	}
	if o.epoch != "" {
		if cfg.Epoch, err = time.Parse(time.RFC3339, o.epoch); err != nil {
			return nil, usageError{fmt.Errorf("--epoch: got %q, want a time such as 2026-01-01T00:00:00Z", o.epoch)}
		}
	}
	if err := mayListen(o); err != nil {
		return nil, err
	}
	cfg.Data, cfg.Origin, cfg.SaveEvery, cfg.Log = o.data, origin, o.saveEvery, m.logger(o.verbose)
	if o.saveEvery == 0 {
		return nil, usageError{errors.New("--snapshot-every: got 0, want 1 or more")}
	}
	s := &server{failed: make(chan error, 1)}
	if s.world, err = world.New(cfg); err != nil {
		if o.data != "" {
			return nil, &inputError{fmt.Errorf("--data: %w", err)}
		}
		return nil, err
	}
	if s.api, err = api.New(api.Config{World: s.world, AllowHosts: o.hosts, Log: m.logger(o.verbose), Version: versionText()}); err == nil {
		s.listener, err = net.Listen("tcp", o.listen)
	}
	if err != nil {
		s.world.Close()
		return nil, &inputError{fmt.Errorf("--listen %s: %w\n  choose another port, or port 0 for any that is free", o.listen, err)}
	}
	go func() { s.failed <- s.api.Serve(s.listener) }()
	return s, nil
}

// origin is what a world is made from: the scenario with its defaults and flags, and its inputs.
func origin(p *scenarios.Plan) (o world.Origin, err error) {
	text, err := ydec.Encode(p.Scenario)
	if err != nil {
		return o, err
	}
	h := sha256.New()
	h.Write(text)
	for _, in := range p.Inputs[1:] {
		fmt.Fprintf(h, "\x00%s\x00%s", in.Path, in.SHA256)
	}
	o.Identity, o.Scenario = hex.EncodeToString(h.Sum(nil)), string(text)
	o.Dir, err = filepath.Abs(p.Dir)
	return o, err
}

// logger writes what goes wrong as text, or with verbose every call as JSON.
func (m Main) logger(verbose bool) *slog.Logger {
	if verbose {
		return slog.New(slog.NewJSONHandler(m.Err, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	return slog.New(slog.NewTextHandler(m.Err, nil))
}

// mayListen refuses addresses that other machines reach, unless that was asked for.
func mayListen(o *serveOptions) error {
	host, _, err := net.SplitHostPort(o.listen)
	if err != nil {
		return usageError{fmt.Errorf("--listen: got %q, want address:port such as 127.0.0.1:8080", o.listen)}
	}
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() || o.insecure {
		return nil
	}
	return usageError{fmt.Errorf("--listen %s: other machines could reach this address, and signatures are not verified\n  found %q; expected a loopback "+
		"address\n  listen on 127.0.0.1, or say --insecure (and name the host with --allow-host)", o.listen, host)}
}

func (s *server) port() int { return s.listener.Addr().(*net.TCPAddr).Port }

// shutdownTime is how long calls under way may take to end.
const shutdownTime = 3 * time.Second

// stop ends calls under way, then the world.
func (s *server) stop() world.Conclusion {
	s.api.Shutdown(shutdownTime)
	return s.world.Conclude()
}

// writePort writes the port so that a reader never sees half of it.
func writePort(file string, port int) error {
	f, err := os.CreateTemp(filepath.Dir(file), ".tmp-port-")
	if err != nil {
		return err
	}
	_, err = f.WriteString(strconv.Itoa(port) + "\n")
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}
