-- What is bought together: models, rules, what was shown and what came of it.
SELECT 1;
