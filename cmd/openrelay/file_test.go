package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A file that is written at the end holds the old report until the new one is whole.
func TestReplacement(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "openrelay.prom")
	link := filepath.Join(dir, "link.prom")
	if err := os.WriteFile(name, []byte("old"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("openrelay.prom", link); err != nil {
		t.Fatal(err)
	}
	holds := func(when, want string) {
		t.Helper()
		got, err := os.ReadFile(name)
		if err != nil || string(got) != want {
			t.Errorf("%s: the file holds %q, %v; want %q", when, got, err, want)
		}
		if temps, _ := filepath.Glob(filepath.Join(dir, "*.prom")); len(temps) != 2 {
			t.Errorf("%s: node_exporter would read %q", when, temps)
		}
	}
	for _, format := range []string{"prometheus", "markdown"} {
		file, err := destination{format: format, file: link}.create(nil, "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.Write([]byte(format)); err != nil {
			t.Fatal(err)
		}
		if format == "prometheus" {
			holds("before the end", "old")
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
		holds("at the end", format)
	}
	file, err := destination{format: "prometheus", file: name}.create(nil, "")
	if err != nil {
		t.Fatal(err)
	}
	_ = file.(*replacement).File.Close() // as a disk that fills up
	if _, err := file.Write([]byte("new")); err == nil {
		t.Fatal("wrote to a closed file")
	}
	if err := file.Close(); err == nil {
		t.Error("closed it twice")
	}
	holds("after an error", "markdown")
	unused, err := destination{format: "prometheus", file: name}.create(nil, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := unused.Close(); err != nil {
		t.Error(err)
	}
	holds("without a report", "markdown")
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 2 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	info, err := os.Lstat(link)
	if err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link is none any more")
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestCreateWhatIsNoFile(t *testing.T) {
	file, err := destination{format: "prometheus", file: os.DevNull}.create(nil, "")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, ok := file.(*replacement); ok {
		t.Error("would replace a device")
	}
	if _, err := (destination{format: "prometheus", file: filepath.Join(t.TempDir(), "no", "file")}).create(nil, "hint"); err == nil || !strings.Contains(err.Error(), "cannot write") {
		t.Errorf("got %v", err)
	}
}

// A directory in the way cannot be replaced, as a file cannot that a container mounts: the error is said,
// and nothing is left behind.
func TestReplacementThatCannotBe(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "openrelay.prom")
	file, err := destination{format: "prometheus", file: name}.create(nil, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write([]byte("new")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(name, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err == nil {
		t.Error("no error")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
