-- Customers who sign in, their addresses and consents; invoices; legal texts.
SELECT 1;
