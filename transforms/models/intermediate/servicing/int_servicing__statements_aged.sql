-- Credit lines tell their delinquency themselves, in months; in days it is not known.
with statements as (select * from {{ ref('stg_servicing__statements') }}),
     loans as (select * from {{ ref('stg_servicing__loans') }}),
     final as (
         select statements.loan_id, statements.statement_on as as_of, loans.branch_id, loans.entity_id,
                loans.product_code, loans.currency,
                cast(sum(statements.amount_paid) over (
                    partition by statements.loan_id order by statements.statement_on
                ) as decimal(18,2)) as paid_to_date,
                cast(greatest(statements.amount_billed, 0) as decimal(18,2)) as principal_outstanding,
                greatest(statements.repayment_status, 0) as months_past_due
         from statements
         inner join loans on statements.loan_id = loans.loan_id
     )
select * from final
