-- What the floor works with: waves, labels, manifests, counts.
SELECT 1;
