package fetch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Progress is how far a download is.
type Progress struct {
	File  string
	Done  int64
	Total int64 // 0 = not known
}

// Client downloads. The zero value uses the public homes.
type Client struct {
	HTTP     *http.Client   // default: a client that gives up after a minute without an answer
	Base     string         // replaces the host of every URL (mirrors, tests); empty: none
	Progress func(Progress) // called after each block; may be nil
}

// Result is one fetched file.
type Result struct {
	Path    string
	Bytes   int64
	SHA256  string
	Checked bool // the sum was known and agrees
	Had     bool // it was there already
}

// maxUnknown bounds a file whose size is not known.
const maxUnknown = 8 << 30

// Fetch downloads a file of a home into a folder. What is there with the right sum is not fetched again; what was cut is
// resumed from its .part file. A pointer to Git LFS is followed; its sum is then the known one. A wrong sum removes the .part file and is an error; the final name appears only after the
// check.
func (c *Client) Fetch(ctx context.Context, h Home, f File, folder string) (Result, error) {
	name := h.Local(f)
	if !filepath.IsLocal(name) || strings.Contains(name, `\`) {
		return Result{}, fmt.Errorf("%s: %q is no file name", h.Name, f.Path)
	}
	path := filepath.Join(folder, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return Result{}, err
	}
	if r, ok, err := present(path, f); ok || err != nil {
		return r, err
	}
	part := path + ".part"
	r, err := c.download(ctx, c.url(h, f), part, f)
	if err != nil {
		return Result{}, fmt.Errorf("%s: %w", name, err)
	}
	if oid, size, ok := pointer(part, r.Bytes); ok && f.SHA256 == "" && h.base == "" {
		os.Remove(part)
		h.base = lfsHost
		return c.Fetch(ctx, h, File{Path: f.Path, Bytes: size, SHA256: oid}, folder)
	}
	if f.SHA256 != "" && r.SHA256 != f.SHA256 {
		os.Remove(part)
		return Result{}, fmt.Errorf("%s: the sum is wrong: got SHA-256 %s, expected %s; the file was removed, fetch it again", name, r.SHA256, f.SHA256)
	}
	if err := os.Rename(part, path); err != nil {
		return Result{}, err
	}
	r.Path, r.Checked = path, f.SHA256 != ""
	return r, nil
}

// pointer reads what a repository holds in place of a file that it keeps in Git LFS: its sum and size.
func pointer(path string, bytes int64) (sum string, size int64, ok bool) {
	if bytes > 1024 {
		return "", 0, false
	}
	text, err := os.ReadFile(path)
	if err != nil || !strings.HasPrefix(string(text), "version https://git-lfs") {
		return "", 0, false
	}
	for _, line := range strings.Split(string(text), "\n") {
		if v, found := strings.CutPrefix(line, "oid sha256:"); found {
			sum = strings.TrimSpace(v)
		}
		if v, found := strings.CutPrefix(line, "size "); found {
			size, _ = strconv.ParseInt(strings.TrimSpace(v), 10, 64)
		}
	}
	return sum, size, len(sum) == 64 && size > 0
}

// present reports a file that is there already. One of another sum is not overwritten.
func present(path string, f File) (Result, bool, error) {
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return Result{}, false, nil
	}
	if err != nil {
		return Result{}, false, err
	}
	defer file.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, file)
	if err != nil {
		return Result{}, false, err
	}
	got := hex.EncodeToString(sum.Sum(nil))
	if f.SHA256 != "" && got != f.SHA256 {
		return Result{}, false, fmt.Errorf("%s is there with another content: SHA-256 %s, expected %s; move it away to fetch it", path, got, f.SHA256)
	}
	return Result{Path: path, Bytes: n, SHA256: got, Checked: f.SHA256 != "", Had: true}, true, nil
}

func (c *Client) url(h Home, f File) string {
	u := h.URL(f)
	if c.Base == "" {
		return u
	}
	_, rest, _ := strings.Cut(u, "://")
	_, rest, _ = strings.Cut(rest, "/")
	return strings.TrimSuffix(c.Base, "/") + "/" + rest
}

func (c *Client) client() *http.Client {
	if c.HTTP != nil {
		return c.HTTP
	}
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.ResponseHeaderTimeout = time.Minute
	return &http.Client{Transport: t}
}

// download fills the .part file, from its end on when the server can.
func (c *Client) download(ctx context.Context, url, part string, f File) (Result, error) {
	file, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return Result{}, err
	}
	defer file.Close()
	sum := sha256.New()
	have, err := io.Copy(sum, file)
	if err != nil {
		return Result{}, err
	}
	if f.Bytes > 0 && have > f.Bytes { // not a part of this file
		if have, err = restart(file, sum); err != nil {
			return Result{}, err
		}
	}
	if f.Bytes == 0 || have < f.Bytes {
		have, err = c.body(ctx, url, file, sum, have, f)
		if err != nil {
			return Result{}, err
		}
	}
	if f.Bytes > 0 && have != f.Bytes {
		return Result{}, fmt.Errorf("got %d bytes, expected %d; run it again to go on from there", have, f.Bytes)
	}
	return Result{Bytes: have, SHA256: hex.EncodeToString(sum.Sum(nil))}, file.Close()
}

func restart(file *os.File, sum hash.Hash) (int64, error) {
	sum.Reset()
	if err := file.Truncate(0); err != nil {
		return 0, err
	}
	_, err := file.Seek(0, io.SeekStart)
	return 0, err
}

// body asks for what is missing and appends it.
func (c *Client) body(ctx context.Context, url string, file *os.File, sum hash.Hash, have int64, f File) (int64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return have, err
	}
	req.Header.Set("Accept-Encoding", "identity")
	if have > 0 {
		req.Header.Set("Range", "bytes="+strconv.FormatInt(have, 10)+"-")
	}
	resp, err := c.client().Do(req)
	if err != nil {
		return have, fmt.Errorf("%w; run it again to go on from %d bytes", err, have)
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusPartialContent && have > 0 && startsAt(resp.Header.Get("Content-Range"), have):
	case resp.StatusCode == http.StatusRequestedRangeNotSatisfiable && have > 0 && f.SHA256 != "":
		return have, nil // nothing is missing; the sum decides
	case resp.StatusCode == http.StatusOK:
		if have, err = restart(file, sum); err != nil {
			return 0, err
		}
	default:
		return have, fmt.Errorf("%s answered %s", req.URL.Host, resp.Status)
	}
	most := f.Bytes
	if most == 0 {
		most = maxUnknown
	}
	total := f.Bytes
	if total == 0 && resp.ContentLength > 0 {
		total = have + resp.ContentLength
	}
	w := &meter{w: io.MultiWriter(file, sum), done: have, total: total, file: f.Name(), tell: c.Progress}
	n, err := io.Copy(w, io.LimitReader(resp.Body, most-have+1))
	have += n
	if err != nil {
		return have, fmt.Errorf("%w; run it again to go on from %d bytes", err, have)
	}
	if have > most {
		return have, fmt.Errorf("the server sends more than the %d bytes that were expected", most)
	}
	if f.Bytes == 0 && resp.ContentLength > 0 && have != total {
		return have, fmt.Errorf("got %d bytes, expected %d; run it again to go on from there", have, total)
	}
	return have, nil
}

// startsAt reads "bytes 100-199/200".
func startsAt(contentRange string, at int64) bool {
	return strings.HasPrefix(contentRange, "bytes "+strconv.FormatInt(at, 10)+"-")
}

// meter tells how far a download is.
type meter struct {
	w     io.Writer
	done  int64
	total int64
	file  string
	tell  func(Progress)
}

func (m *meter) Write(b []byte) (int, error) {
	n, err := m.w.Write(b)
	m.done += int64(n)
	if m.tell != nil {
		m.tell(Progress{File: m.file, Done: m.done, Total: m.total})
	}
	return n, err
}
