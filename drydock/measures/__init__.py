"""What was measured: weights of images, the ledger of builds, committed evidence."""
