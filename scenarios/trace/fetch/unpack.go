package fetch

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// Unpack takes a home's tables out of a fetched .tar.gz and puts them beside it, under their names without folders; other files
// are not packed. A table that is there already with the archive's size is left. It returns the paths of the tables.
func (c *Client) Unpack(ctx context.Context, h Home, archive string) (paths []string, err error) {
	if len(h.Tables) == 0 || !strings.HasSuffix(archive, ".tar.gz") {
		return nil, nil
	}
	file, err := os.Open(archive)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	packed, err := gzip.NewReader(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", archive, err)
	}
	for r := tar.NewReader(packed); ; {
		head, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", archive, err)
		}
		name := path.Base(head.Name)
		if head.Typeflag != tar.TypeReg || !slices.Contains(h.Tables, name) {
			continue
		}
		to := filepath.Join(filepath.Dir(archive), name)
		if st, err := os.Stat(to); err != nil || st.Size() != head.Size {
			if err := c.unpack(ctx, r, head, to); err != nil {
				return nil, fmt.Errorf("%s: %s: %w", archive, name, err)
			}
		}
		paths = append(paths, to)
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("%s: holds none of %s", archive, strings.Join(h.Tables, ", "))
	}
	return paths, nil
}

// unpack writes one table; its name appears when it is whole.
func (c *Client) unpack(ctx context.Context, r io.Reader, head *tar.Header, to string) error {
	if head.Size > maxUnknown {
		return fmt.Errorf("has %d bytes, at most %d are unpacked", head.Size, int64(maxUnknown))
	}
	part, err := os.Create(to + ".part")
	if err != nil {
		return err
	}
	w := &meter{w: part, total: head.Size, file: path.Base(to), tell: c.Progress}
	_, err = io.Copy(w, &stoppable{ctx, r})
	if err = errors.Join(err, part.Close()); err != nil {
		return errors.Join(err, os.Remove(part.Name()))
	}
	return os.Rename(part.Name(), to)
}

// stoppable reads until its context is done.
type stoppable struct {
	ctx context.Context
	r   io.Reader
}

func (s *stoppable) Read(b []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(b)
}
