package api

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/orrery-sim/orrery/api/aihc"
	"github.com/orrery-sim/orrery/api/control"
	"github.com/orrery-sim/orrery/api/lens"
	"github.com/orrery-sim/orrery/api/modelarts"
	"github.com/orrery-sim/orrery/api/paidlc"
	"github.com/orrery-sim/orrery/api/sign"
	"github.com/orrery-sim/orrery/api/world"
)

// Config is what a server is made from.
type Config struct {
	World      *world.World
	AllowHosts []string     // host names beside loopback that requests may name; "*": any
	Log        *slog.Logger // nil: nothing is logged
	Version    string       // of the program
}

// The limits of requests.
const (
	maxBody    = 1 << 20
	readBody   = 16 << 20 // is read all the same: who is cut off while it sends never sees the answer
	maxHeaders = 32 << 10 // request line and all headers: tokens, lists of ids and signed headers are long
)

// Server is the web server of one world.
type Server struct {
	Control *control.Service

	app      *fiber.App
	log      *slog.Logger
	hosts    []string
	requests atomic.Uint64
	seed     uint64
	underWay atomic.Int64

	mu    sync.Mutex
	conns *connections
	over  bool // Shutdown was called
}

// New builds the server; it listens when Serve is called.
func New(cfg Config) (*Server, error) {
	s := &Server{log: cfg.Log, hosts: cfg.AllowHosts, seed: cfg.World.Seed()}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.app = fiber.New(fiber.Config{
		AppName: "orrery", DisableStartupMessage: true,
		Immutable: true, // else what a handler reads is overwritten by the next request
		BodyLimit: readBody, ReadBufferSize: maxHeaders,
		ReadTimeout: 30 * time.Second, WriteTimeout: 60 * time.Second, IdleTimeout: 60 * time.Second,
		ErrorHandler: s.refuse,
	})
	s.answerUnknownMethods()
	s.app.Use(s.identify, s.guard, s.admit)
	dlc, err := paidlc.New(context.Background(), cfg.World)
	if err != nil {
		return nil, err
	}
	baidu, err := aihc.New(context.Background(), cfg.World)
	if err != nil {
		return nil, err
	}
	huawei, err := modelarts.New(context.Background(), cfg.World)
	if err != nil {
		return nil, err
	}
	s.Control = control.New(cfg.World, cfg.Version, dlc, baidu, huawei)
	s.Control.Register(s.app)
	dlc.Register(s.app, s.Control.Gate)
	baidu.Register(s.app, s.Control.Gate)
	huawei.Register(s.app, s.Control.Gate)
	return s, nil
}

// Serve answers on a listener until Shutdown.
func (s *Server) Serve(l net.Listener) error {
	s.mu.Lock()
	s.conns = track(l)
	conns, over := s.conns, s.over
	s.mu.Unlock()
	if over {
		return l.Close()
	}
	return s.app.Listener(conns)
}

// Shutdown takes no more calls, lets those under way end within the time given, and closes every connection.
func (s *Server) Shutdown(within time.Duration) {
	s.mu.Lock()
	conns := s.conns
	s.over = true
	s.mu.Unlock()
	if conns == nil { // nobody was served yet, and nobody will be
		return
	}
	_ = conns.Listener.Close()
	s.Control.Close()
	for end := time.Now().Add(within); s.underWay.Load() > 0 && time.Now().Before(end); {
		time.Sleep(5 * time.Millisecond)
	}
	time.Sleep(answerTime)
	conns.closeAll()
	_ = s.app.ShutdownWithTimeout(answerTime)
}

// answerTime is how long the last answers may take from their handlers to the wire.
const answerTime = 20 * time.Millisecond

// Test answers one request without a socket, for tests.
func (s *Server) Test() *fiber.App { return s.app }

// identify gives the request its id, derived from the seed and its number: no random source.
func (s *Server) identify(c *fiber.Ctx) error {
	id := s.name(c)
	s.underWay.Add(1)
	defer s.underWay.Add(-1)
	began := time.Now()
	err := c.Next()
	if err != nil { // now, so that the log has its status
		err = s.refuse(c, err)
	}
	if s.log.Enabled(c.Context(), slog.LevelDebug) {
		s.log.Debug("call", "request", id, "method", c.Method(), "path", c.Path(), "status", c.Response().StatusCode(),
			"user", sign.User(c.Get(fiber.HeaderAuthorization)), "simulated", c.GetRespHeader(lens.HeaderTime), "ms", float64(time.Since(began).Microseconds())/1000)
	}
	return err
}

func (s *Server) name(c *fiber.Ctx) string {
	id := s.nextID()
	c.Locals(lens.LocalRequestID, id)
	c.Set("X-Acs-Request-Id", id)
	c.Set("X-Request-Id", id)
	return id
}

func (s *Server) nextID() string {
	b := binary.LittleEndian.AppendUint64([]byte("request\x00"), s.seed)
	sum := sha256.Sum256(binary.LittleEndian.AppendUint64(b, s.requests.Add(1)))
	sum[6], sum[8] = sum[6]&0x0f|0x40, sum[8]&0x3f|0x80
	t := strings.ToUpper(hex.EncodeToString(sum[:16]))
	return strings.Join([]string{t[:8], t[8:12], t[12:16], t[16:20], t[20:]}, "-")
}

// answerUnknownMethods answers what is no method of HTTP as every other refusal; the framework answers it with a line of text.
func (s *Server) answerUnknownMethods() {
	web := s.app.Server()
	routed := web.Handler
	web.Handler = func(r *fasthttp.RequestCtx) {
		method := string(r.Method())
		if slices.Contains(s.app.Config().RequestMethods, method) {
			routed(r)
			return
		}
		c := s.app.AcquireCtx(r)
		defer s.app.ReleaseCtx(c)
		_ = s.refuse(c, fiber.NewError(fiber.StatusBadRequest, fmt.Sprintf("%q is no method of HTTP", method))) // it only writes an answer
	}
}

// guard turns a panic into an error that tells nobody what is inside.
func (s *Server) guard(c *fiber.Ctx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			s.log.Error("panic", "request", c.Locals(lens.LocalRequestID), "method", c.Method(), "path", c.Path(), "panic", fmt.Sprint(r),
				"stack", string(debug.Stack()))
			err = fiber.ErrInternalServerError
		}
	}()
	return c.Next()
}

// admit refuses bodies that are too large, hosts that are not ours (a page elsewhere may point a name of its own at this address) and requests that
// another site's page sends.
func (s *Server) admit(c *fiber.Ctx) error {
	if packed := c.Get(fiber.HeaderContentEncoding); packed != "" && !strings.EqualFold(packed, "identity") { // no client packs, and a small body may unpack to gigabytes
		return fiber.NewError(fiber.StatusUnsupportedMediaType, fmt.Sprintf("the body is packed (Content-Encoding: %s); want it as it is", packed))
	}
	if len(c.BodyRaw()) > maxBody && c.Path() != control.StatePath { // a state is as large as its world
		return fiber.ErrRequestEntityTooLarge
	}
	if !s.ours(hostOf(string(c.Request().Host()))) {
		return fiber.NewError(fiber.StatusMisdirectedRequest, fmt.Sprintf("host %q is not served here; want localhost, a loopback address, or one that --allow-host names",
			c.Request().Host()))
	}
	if origin := c.Get(fiber.HeaderOrigin); origin != "" {
		_, host, _ := strings.Cut(origin, "://")
		if !s.ours(hostOf(host)) {
			return fiber.NewError(fiber.StatusForbidden, fmt.Sprintf("requests of pages from %q are refused", origin))
		}
	}
	if c.Get("Sec-Fetch-Site") == "cross-site" {
		return fiber.NewError(fiber.StatusForbidden, "requests of pages from other sites are refused")
	}
	return c.Next()
}

// hostOf is a host without its port.
func hostOf(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		return h
	}
	return strings.Trim(host, "[]")
}

func (s *Server) ours(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if ip := net.ParseIP(host); ip != nil && ip.IsLoopback() || host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	for _, h := range s.hosts {
		if h == "*" || strings.EqualFold(h, host) {
			return true
		}
	}
	return false
}

// codes of errors that no API made: an unknown route, a body that is too large.
var codes = map[int]string{
	fiber.StatusBadRequest: "BadRequest", fiber.StatusForbidden: "Forbidden", fiber.StatusNotFound: "InvalidAction.NotFound",
	fiber.StatusMethodNotAllowed: "UnsupportedHTTPMethod", fiber.StatusRequestTimeout: "RequestTimeout",
	fiber.StatusRequestEntityTooLarge: "RequestEntityTooLarge", fiber.StatusMisdirectedRequest: "MisdirectedRequest",
	fiber.StatusRequestHeaderFieldsTooLarge: "RequestHeaderFieldsTooLarge", fiber.StatusUnsupportedMediaType: "UnsupportedMediaType",
}

// refuse answers an error as JSON, in words that every client's runtime can read.
func (s *Server) refuse(c *fiber.Ctx, err error) error {
	status, message := fiber.StatusInternalServerError, "something went wrong here; see the server's log"
	var f *fiber.Error
	if errors.As(err, &f) {
		status = f.Code
		if status < 500 {
			message = f.Message
		}
	}
	switch status {
	case fiber.StatusNotFound:
		message = fmt.Sprintf("there is no operation %s %s", c.Method(), c.Path())
	case fiber.StatusMethodNotAllowed:
		message = fmt.Sprintf("%s is no method of %s; want %s", c.Method(), c.Path(), c.GetRespHeader(fiber.HeaderAllow))
	case fiber.StatusRequestEntityTooLarge:
		message = fmt.Sprintf("the body is larger than %d bytes", maxBody)
	case fiber.StatusRequestHeaderFieldsTooLarge:
		message = fmt.Sprintf("request line and headers are larger than %d bytes", maxHeaders)
	}
	code, ok := codes[status]
	if !ok {
		code = "InternalError"
	}
	id, _ := c.Locals(lens.LocalRequestID).(string)
	if id == "" { // it was refused before any handler saw it
		id = s.name(c)
	}
	return c.Status(status).JSON(inWordsOf(c.Path(), c.Query("action"), c.Get(fiber.HeaderAuthorization), code, message, id))
}
