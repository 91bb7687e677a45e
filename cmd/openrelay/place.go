package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// stream is one that the shell may have put a file behind.
type stream int

const (
	noStream stream = iota
	stdin
	stdout
)

// place is where a file is, whatever it is called: two names of one file have the same place, though it may not
// be there yet.
type place struct {
	stream stream
	info   os.FileInfo // of the file, or of the folder that it would be in
	rest   string      // its name within that folder
}

// same reports whether two places are one. Devices, such as /dev/null and a terminal, may be read and written at
// once, and so may sockets.
func (p place) same(q place) bool {
	if p.stream != noStream && p.stream == q.stream {
		return true
	}
	if p.info == nil || q.info == nil || p.rest != q.rest || !os.SameFile(p.info, q.info) {
		return false
	}
	return p.info.Mode().IsRegular() || p.info.Mode()&os.ModeNamedPipe != 0 || p.rest != ""
}

// locate finds the place of a name of the command line; "-" is standard input, or standard output where it is
// written to.
func (u *ui) locate(name string, writes bool) place {
	var p place
	switch {
	case name == "-" && writes:
		p.stream = stdout
	case name == "-":
		p.stream = stdin
	default:
		p = find(name, 0)
	}
	behind := map[stream]any{stdin: u.stdin, stdout: u.stdout}[p.stream]
	if f, ok := behind.(*os.File); ok {
		p.info, _ = f.Stat()
	}
	return p
}

// mostLinks is how many symbolic links may follow each other, as for the kernel.
const mostLinks = 40

// find goes after symbolic links by itself: the last may lead to standard output, or to where no file is yet.
func find(name string, links int) place {
	dir, base := filepath.Split(name)
	dir, err := filepath.EvalSymlinks(cmp.Or(dir, "."))
	if err != nil {
		return findBelow(name, links)
	}
	if s := descriptor(dir, base); s != noStream {
		return place{stream: s}
	}
	name = filepath.Join(dir, base)
	var p place
	if target, err := os.Readlink(name); err == nil && links < mostLinks {
		if !filepath.IsAbs(target) {
			target = dir + string(filepath.Separator) + target
		}
		p = find(target, links+1)
	} else {
		p.rest = base
		p.info, _ = os.Stat(dir)
	}
	if info, err := os.Stat(name); err == nil && p.stream == noStream {
		p = place{info: info}
	}
	return p
}

// findBelow is the place of a name in a folder that is not there.
func findBelow(name string, links int) place {
	dir, base := filepath.Dir(name), filepath.Base(name)
	if links == mostLinks || dir == name {
		return place{}
	}
	p := find(dir, links+1)
	p.rest = filepath.Join(p.rest, base)
	return p
}

// descriptor is the stream that a name in the folder of our open files is.
func descriptor(dir, base string) stream {
	if own := fmt.Sprintf("/proc/%d/", os.Getpid()); dir != "/dev/fd" && (!strings.HasPrefix(dir, own) || !strings.HasSuffix(dir, "/fd")) {
		return noStream
	}
	switch base {
	case "0":
		return stdin
	case "1":
		return stdout
	}
	return noStream
}
