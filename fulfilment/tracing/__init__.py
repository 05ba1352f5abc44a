"""Which lot or serial number is where, who has it, and how it is called back."""
