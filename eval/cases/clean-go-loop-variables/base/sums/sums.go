package sums

import (
	"crypto/sha256"
	"io"
	"os"
)

// Of answers the checksums of the files, in the order of the paths.
func Of(paths []string) ([][]byte, error) {
	sums := make([][]byte, 0, len(paths))
	for _, path := range paths {
		sum, err := of(path)
		if err != nil {
			return nil, err
		}
		sums = append(sums, sum)
	}
	return sums, nil
}

func of(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return nil, err
	}
	return hash.Sum(nil), nil
}
