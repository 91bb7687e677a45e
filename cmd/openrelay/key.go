package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"openrelay/probe"
)

// loadKey reads the key that a scan and its catcher share, and makes one where there is none: readable
// by its owner alone. created says that it did.
func loadKey(file string) (key probe.Key, created bool, err error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		key = probe.NewKey()
		return key, true, writeKey(file, key)
	}
	if err != nil {
		return key, false, &usageError{fmt.Sprintf("cannot read the key %q: %v", file, reason(err)), ""}
	}
	if err := key.UnmarshalText(text); err != nil {
		return key, false, &usageError{fmt.Sprintf("%q holds no key: %v", file, err), "name a file that does not exist yet, and a key is made"}
	}
	return key, false, nil
}

// writeKey never writes over a file that somebody else has made meanwhile.
func writeKey(file string, key probe.Key) error {
	text, err := key.MarshalText()
	if err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return &usageError{fmt.Sprintf("cannot make the key %q: %v", file, reason(err)), ""}
	}
	_, err = f.Write(append(text, '\n'))
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("cannot make the key %q: %w", file, err)
	}
	return nil
}

// reason is what the system says, without the name of the file again.
func reason(err error) error {
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		return path.Err
	}
	return err
}
