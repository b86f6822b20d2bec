{{ config(group='servicing') }}
-- Every schedule repays exactly what was disbursed, ends at zero, and its running total is the sum of its rows.
with schedules as (select * from {{ source('kernels', 'contractual_schedules') }}),
     loans as (select * from {{ ref('stg_servicing__loans') }}),
     summed as (
         select loan_id, sum(principal_due) as principal_due, sum(total_due) as total_due,
                sum(principal_due + interest_due) as parts_due, max(total_due_to_date) as total_due_to_date,
                min(principal_outstanding) as principal_left, count(*) as installments
         from schedules
         group by loan_id
     )
select summed.*
from summed
inner join loans on summed.loan_id = loans.loan_id
where summed.principal_due <> loans.principal or summed.total_due <> summed.parts_due
   or summed.total_due <> summed.total_due_to_date or summed.principal_left <> 0
   or summed.installments <> loans.installments
