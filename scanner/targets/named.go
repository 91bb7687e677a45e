package targets

import (
	"os"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// privateSuffixes are top-level domains that are in no public DNS, and in that of many a company.
var privateSuffixes = []string{"corp", "home", "internal", "intranet", "lan", "local", "localhost", "private", "test"}

// checkFile refuses the name of a file that can be no host: its @ is missing.
func (w word) checkFile() error {
	if w.mayBeTarget() || !isFile(w.text) {
		return nil
	}
	return w.errorf(command("@"+w.text), "%q is a file: one of targets is named with an @", w.text)
}

// mayBeTarget tells what is read as a target from what can be a file alone, such as targets.txt. A name without a dot may
// be a host of the search domain.
func (w word) mayBeTarget() bool {
	kind := KindOf(w.text)
	if kind.parse == nil {
		return true
	}
	s, err := kind.parse(w)
	if err != nil || s.host == "" {
		return err == nil
	}
	last := s.host[strings.LastIndexByte(s.host, '.')+1:]
	_, public := publicsuffix.PublicSuffix("any." + last)
	return last == s.host || public || slices.Contains(privateSuffixes, last)
}

// isFile reports whether a regular file has that name. Nothing is opened.
func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// orFile is why a name was not found, with the file that may have been meant.
func (a about) orFile(failure string) string {
	if a.alike == "" {
		return failure
	}
	return failure + "; if the file of that name is meant: " + shellWords([]string{"@" + a.alike})
}
