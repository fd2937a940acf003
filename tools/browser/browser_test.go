package browser

import (
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

var keep = flag.String("keep", "", "folder to keep the sample reports, their pictures and their prints in")

// charts is how many charts each sample has; the hostile one only must draw.
var charts = map[string]int{"run.html": 8, "compare.html": 7, "single.html": 3, "hostile.html": 8, "empty.html": 0}

// witness notes what a page must not do.
type witness struct {
	sync.Mutex
	seen []string
}

func (w *witness) note(text string) {
	w.Lock()
	defer w.Unlock()
	w.seen = append(w.seen, text)
}

func TestReports(t *testing.T) {
	if _, err := exec.LookPath("chromium"); err != nil {
		t.Skip("needs Debian's chromium: apt-get update && apt-get install -y chromium")
	}
	folder := samples(t)
	ctx := browser(t)
	for name, want := range charts {
		t.Run(name, func(t *testing.T) { look(t, ctx, folder, name, want) })
	}
}

// samples has the page package write its sample reports, as users get them.
func samples(t *testing.T) string {
	t.Helper()
	folder := *keep
	if folder == "" {
		folder = t.TempDir()
	}
	folder, err := filepath.Abs(folder)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "test", "./reports/page", "-count=1", "-run", "^TestWriteSamples$", "-samples="+folder)
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = append(os.Environ(), "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	return folder
}

func browser(t *testing.T) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.Headless, chromedp.DisableGPU,
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND"), chromedp.Flag("disable-quic", true), chromedp.NoFirstRun,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("hide-scrollbars", true), chromedp.UserDataDir(t.TempDir()))
	if path, err := exec.LookPath("chromium"); err == nil {
		options = append(options, chromedp.ExecPath(path))
	}
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stopAllocator)
	ctx, stop := chromedp.NewContext(allocator)
	t.Cleanup(stop)
	ctx, cancel := context.WithTimeout(ctx, 4*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// view is a way to look at a page.
type view struct {
	name, scheme string
	width        int64
}

func look(t *testing.T, parent context.Context, folder, name string, want int) {
	for _, v := range []view{{"light", "light", 1280}, {"dark", "dark", 1280}, {"narrow", "light", 400}, {"narrow-dark", "dark", 400}} {
		t.Run(v.name, func(t *testing.T) {
			ctx, stop := chromedp.NewContext(parent)
			defer stop()
			w := watch(t, ctx)
			must(t, chromedp.Do(ctx, chromedp.EmulateViewport(v.width, 900)))
			_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: v.scheme}},
			})
			must(t, err)
			must(t, chromedp.Do(ctx, chromedp.Navigate("file://"+filepath.Join(folder, name))))
			drawn(t, ctx, want)
			check(t, ctx, v)
			keepPicture(t, ctx, folder, name, v.name)
			if v.name == "light" {
				interact(t, ctx)
				printed(t, ctx, folder, name)
			}
			w.Lock()
			defer w.Unlock()
			for _, s := range w.seen {
				t.Error(s)
			}
		})
	}
}

// watch notes console messages, violations of the policy, exceptions and every request but the page itself.
func watch(t *testing.T, ctx context.Context) *witness {
	t.Helper()
	w := &witness{}
	must(t, chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			if u := e.Request.URL; !strings.HasPrefix(u, "file:///") || !strings.HasSuffix(u, ".html") {
				if !strings.HasPrefix(u, "data:image/") { // ECharts draws its hatches by way of pictures in memory
					w.note("request for " + u[:min(len(u), 200)])
				}
			}
		case *log.EventEntryAdded:
			w.note("log: " + e.Entry.Text)
		case *runtime.EventConsoleAPICalled:
			if e.Type == "error" || e.Type == "warning" {
				text := ""
				for _, a := range e.Args {
					text += string(a.Value) + " " + a.Description
				}
				w.note("console: " + text)
			}
		case *runtime.EventExceptionThrown:
			w.note("exception: " + e.ExceptionDetails.Text + " " + e.ExceptionDetails.Exception.Description)
		}
	}))
	_, err := chromedp.Call(ctx, network.Enable, network.EnableParams{})
	must(t, err)
	return w
}

// drawn waits until want charts have a canvas that is not blank.
func drawn(t *testing.T, ctx context.Context, want int) {
	t.Helper()
	const count = `Array.from(document.querySelectorAll('.plot')).filter(p => {
		const small = document.createElement('canvas'), from = p.querySelector('canvas');
		if (!from || !from.width) return false;
		small.width = small.height = 64;
		const c = small.getContext('2d', {willReadFrequently: true});
		c.drawImage(from, 0, 0, 64, 64);
		return c.getImageData(0, 0, 64, 64).data.some((v, i) => i % 4 === 3 && v > 0);
	}).length`
	got := -1
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		var err error
		got, err = chromedp.Run(ctx, chromedp.Evaluate[int](count))
		must(t, err)
		if got == want {
			return
		}
	}
	t.Errorf("%d charts are drawn, want %d", got, want)
}

func check(t *testing.T, ctx context.Context, v view) {
	t.Helper()
	for _, c := range []struct{ what, expression string }{
		{"nothing that a name says runs", `window.PWN === undefined`},
		{"the page is no wider than the window", `document.documentElement.scrollWidth <= window.innerWidth`},
		{"the page says its language", `document.documentElement.lang === 'en'`},
		{"ids are unique", `(() => { const ids = Array.from(document.querySelectorAll('[id]')).map(e => e.id); return new Set(ids).size === ids.length })()`},
		{"links inside the page lead somewhere", `Array.from(document.querySelectorAll('a[href^="#"]')).every(a => document.getElementById(a.getAttribute('href').slice(1)))`},
		{"every chart is drawn on one canvas, at once", `Array.from(document.querySelectorAll('.plot')).every(p => p.querySelectorAll('canvas').length === 1)`},
		{"no element loads anything", `document.querySelectorAll('[src],link[href],iframe,object,embed,image').length === 0`},
		{"every chart has a table and its CSV", `Array.from(document.querySelectorAll('figure')).every(f => f.querySelector('table') && f.querySelector('a[download]').href.startsWith('data:text/csv'))`},
		{"the theme is the one asked for", `getComputedStyle(document.documentElement).colorScheme === '` + v.scheme + `'`},
		{"no name reorders or hides text", `!/[\u202a-\u202e\u2066-\u2069\u200b\u001b]/.test(document.body.innerText)`},
	} {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](c.expression))
		if err != nil || !ok {
			t.Errorf("not so: %s (%v)", c.what, err)
		}
	}
}

// interact moves over every chart, so that tooltips are built, turns the theme round and follows an anchor.
func interact(t *testing.T, ctx context.Context) {
	t.Helper()
	const hover = `Array.from(document.querySelectorAll('.plot')).forEach(p => {
		const c = p.querySelector('canvas'), box = c.getBoundingClientRect();
		for (let x = 0.1; x < 1; x += 0.08) for (let y = 0.15; y < 0.9; y += 0.12) {
			c.dispatchEvent(new MouseEvent('mousemove', {bubbles: true, clientX: box.left + x * box.width, clientY: box.top + y * box.height}));
		}
	}); window.PWN === undefined`
	ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](hover))
	if err != nil || !ok {
		t.Errorf("hovering: %v %v", ok, err)
	}
	for _, want := range []string{"light", "dark", "auto"} {
		got, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector('.theme').click(); document.querySelector('.theme').textContent`))
		if err != nil || got != "Theme: "+want {
			t.Errorf("theme button says %q, want %q (%v)", got, "Theme: "+want, err)
		}
	}
}

func printed(t *testing.T, ctx context.Context, folder, name string) {
	t.Helper()
	_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`window.addEventListener('beforeprint', () => {
		window.onPaper = Array.from(document.querySelectorAll('.plot canvas')).every(c => c.clientWidth <= 680) &&
			document.documentElement.getAttribute('data-theme') === 'light';
	}); true`))
	must(t, err)
	pdf, err := chromedp.Run(ctx, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4), chromedp.PDFPreferCSSPageSize()))
	must(t, err)
	if len(pdf) < 10_000 {
		t.Errorf("the print has %d bytes", len(pdf))
	}
	fits, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`window.onPaper === true`))
	if err != nil || !fits {
		t.Errorf("the charts were not drawn for paper, light and at most 680 pixels wide (%v)", err)
	}
	after, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector('.theme').textContent`))
	if err != nil || after != "Theme: auto" {
		t.Errorf("after printing the theme is %q (%v)", after, err)
	}
	if *keep != "" {
		must(t, os.WriteFile(filepath.Join(folder, strings.TrimSuffix(name, ".html")+".pdf"), pdf, 0o644))
	}
}

func keepPicture(t *testing.T, ctx context.Context, folder, name, view string) {
	t.Helper()
	if *keep == "" {
		return
	}
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(folder, strings.TrimSuffix(name, ".html")+"-"+view+".png"), png, 0o644))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
