package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"openrelay/probe"
)

// loadKey reads the key that a scan and its catcher share. Where there is none it makes one, which saveKey writes
// once everything else is in order; fresh says that it did.
func loadKey(file string) (key probe.Key, fresh bool, err error) {
	text, err := readSmall(file, mostSecret, "which is no key")
	if errors.Is(err, fs.ErrNotExist) {
		return probe.NewKey(), true, nil
	}
	if err != nil {
		return key, false, &usageError{fmt.Sprintf("cannot read the key %q: %v", file, err), ""}
	}
	if err := key.UnmarshalText(text); err != nil {
		return key, false, &usageError{fmt.Sprintf("%q holds no key: %v", file, err), "name a file that does not exist yet, and a key is made"}
	}
	return key, false, nil
}

// saveKey writes a key to a file, readable by its owner alone. It never writes over one that somebody else has made
// meanwhile.
func saveKey(file string, key probe.Key) error {
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

// saveKey writes the key of --catch-key, if it was made for this scan.
func (d *delivery) saveKey() error {
	if !d.fresh {
		return nil
	}
	return saveKey(d.keyFile, d.test.Key)
}

// reason is what the system says, without the name of the file again.
func reason(err error) error {
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		return path.Err
	}
	return err
}
