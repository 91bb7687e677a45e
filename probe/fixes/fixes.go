// Package fixes says how mail servers are closed: for each server and vector how it comes to be open, what
// to look at, what to change, how to load it, and what that does to the administrator's own users. To add what is
// known of a server, add a row to its file.
package fixes

import (
	"path"
	"slices"
	"strings"

	"openrelay/probe"
	"openrelay/probe/phrasebook"
)

// Fix is what the administrator of one mail server should know about a vector it accepted.
type Fix struct {
	MTAs    []string // as phrasebook.Banners, or Products, name them
	Vectors []string // ids, or patterns of ids as path.Match has them: "sender-own-*"; none for any
	Cause   string   // how the server comes to accept it: "usually", where that cannot be known from outside
	Change  string   // what to change, in sentences
	Users   string   // what the change does to the administrator's own users, programs and devices, in sentences
	Ways    []Way    // how to do it; several where versions or installations differ
}

// Way is how a fix is done on one kind of installation. Where its lines hold addresses and names, 192.0.2.10 is a
// client that may relay, 10.0.0.5 a proxy, 10.0.0.6 a server behind, and example.org a domain of the server's own.
type Way struct {
	When  string // which installation: "Debian"; "" where there is one way only
	Look  string // commands that show the cause, and change nothing
	Steps []Step // what to change, in this order
	Load  string // commands that check the configuration and make the running server go by it
	Ref   string // the title of the documentation that says so

	// One of these two. Run names the server and its version that was open, was changed by these lines as they are
	// printed, and was closed then, while its users' mail still passed. Read is the day on which Ref was read, for a
	// server that could not be run: "2026-11-30".
	Run, Read string
}

// Checked says how it is known that a way holds.
func (w *Way) Checked() string {
	if w.Run != "" {
		return "Checked by a run: " + w.Run + "."
	}
	return "Checked against its documentation, read on " + w.Read + "; not run."
}

// Step is one change: commands, or a place to edit.
type Step struct {
	Run   string // commands for root's shell
	At    string // a file, or a page of an interface
	Out   string // the lines to take out of the file, as grep -E finds them
	Below string // where the new lines go: below the first line that grep -E finds by it
	Lines string // the new lines: in place of those taken out, below Below, else at the end
	Flush bool   // the file takes no spaces before them, as they are printed
}

// String is the step as it is printed: comments that say where, commands, and lines to write.
func (s *Step) String() string {
	var b strings.Builder
	find := func(pattern string) { b.WriteString("grep -nE '" + pattern + "' " + s.At + "\n") }
	switch {
	case s.Run != "":
		return s.Run
	case s.Out != "" && s.Lines == "":
		b.WriteString("# take out of " + s.At + " what this finds\n")
		find(s.Out)
	case s.Out != "":
		b.WriteString("# in " + s.At + ", in place of what this finds\n")
		find(s.Out)
	case s.Below != "":
		b.WriteString("# in " + s.At + ", below what this finds\n")
		find(s.Below)
	default:
		b.WriteString("# in " + s.At + "\n")
	}
	if s.Flush {
		b.WriteString("# without spaces before the lines\n")
	}
	return strings.TrimSuffix(b.String()+s.Lines, "\n")
}

// Text is the way as it is printed: its heading, and its lines, which begin with two spaces.
func (w *Way) Text() string {
	var lines []string
	add := func(heading, text string) {
		if text != "" {
			lines = append(lines, heading+text)
		}
	}
	add("# look\n", w.Look)
	for i := range w.Steps {
		heading := ""
		if i == 0 && w.Steps[i].Run != "" && w.Look != "" {
			heading = "# change\n"
		}
		add(heading, w.Steps[i].String())
	}
	add("# load\n", w.Load)
	text := "  " + strings.ReplaceAll(strings.Join(lines, "\n"), "\n", "\n  ")
	if w.When != "" {
		return w.When + ":\n" + text
	}
	return text
}

// Product is a mail system around a server whose configuration it generates.
type Product struct {
	Name   string // as phrasebook.Banners has it, or by which its user knows it
	Server string // the server inside
	Note   string // which files are generated, where the settings really stand, and how they are loaded, in sentences
	Ref    string // the title of the documentation that says so
	Read   string // the day on which it was read
}

// Advice is a fix for one server.
type Advice struct {
	*Fix
	Product *Product // that the server is part of, if the fix is that of the server inside
}

// For finds the fix of a vector for a server, which may be the fix of the server inside it. It holds no Fix where
// the vector's own words are all there is.
func For(mta string, v *probe.Vector) Advice {
	if f := find(mta, v); f != nil {
		return Advice{Fix: f}
	}
	if p := product(mta); p != nil {
		return Advice{find(p.Server, v), p}
	}
	return Advice{}
}

func product(name string) *Product {
	i := slices.IndexFunc(Products, func(p Product) bool { return p.Name == name })
	if i < 0 {
		return nil
	}
	return &Products[i]
}

// Inside is the server inside a product; "" for what is none.
func Inside(name string) string {
	if p := product(name); p != nil {
		return p.Server
	}
	return ""
}

func find(mta string, v *probe.Vector) *Fix {
	i := slices.IndexFunc(All, func(f Fix) bool { return slices.Contains(f.MTAs, mta) && f.Covers(v.ID) })
	if i < 0 {
		return nil
	}
	return &All[i]
}

// Covers reports whether the fix is about a vector.
func (f *Fix) Covers(id string) bool {
	return len(f.Vectors) == 0 || slices.ContainsFunc(f.Vectors, func(pattern string) bool {
		ok, _ := path.Match(pattern, id)
		return ok
	})
}

// CauseAndFix is the cause and the fix for one server, the vector's own where nothing better is known.
func CauseAndFix(mta string, v *probe.Vector) (cause, fix string) {
	if a := For(mta, v); a.Fix != nil {
		return a.Cause, a.Text()
	}
	return v.Why, v.Fix
}

// Text is the fix in full: what to change, what that does to users, and the ways. Lines that begin with two
// spaces are commands and configuration.
func (f *Fix) Text() string {
	text := []string{f.Change, f.Users}
	for i := range f.Ways {
		text = append(text, f.Ways[i].Text())
	}
	return strings.Join(text, "\n")
}

// Text is the fix in full, with what is special to the product first.
func (a *Advice) Text() string {
	if a.Product != nil {
		return a.Product.Note + " " + a.Fix.Text()
	}
	return a.Fix.Text()
}

// Servers are the names of all servers that are known by their greeting or by hand, in alphabetical order.
func Servers() (names []string) {
	for i := range phrasebook.Banners {
		names = append(names, phrasebook.Banners[i].MTA)
	}
	for i := range Products {
		names = append(names, Products[i].Name)
	}
	for i := range All {
		names = append(names, All[i].MTAs...)
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	return slices.Compact(names)
}

// Server is the name of a known server as it is written here; "" for none.
func Server(name string) string {
	all := Servers()
	if i := slices.IndexFunc(all, func(s string) bool { return strings.EqualFold(s, name) }); i >= 0 {
		return all[i]
	}
	return ""
}
