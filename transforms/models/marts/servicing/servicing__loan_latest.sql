with loans as (select * from {{ ref('stg_servicing__loans') }}),
     outcomes as (select * from {{ ref('stg_risk__outcomes') }}),
     observed as (select * from {{ ref('int_servicing__sources_observed') }}),
     monthly as (select * from {{ ref('servicing__loan_monthly') }}),
     aged as (select * from {{ ref('int_servicing__loans_aged') }}),
     ended as (select * from {{ ref('int_servicing__loans_ended') }}),
     charged_off as (select * from {{ ref('int_risk__loans_charged_off') }}),
     payments as (select * from {{ ref('int_servicing__payments_effected') }}),
     schedules as (select * from {{ source('kernels', 'contractual_schedules') }}),

     first_dues as (select loan_id, total_due from schedules where installment_number = 1),
     scheduled as (select loan_id, bool_and(is_in_book) as is_in_book from aged group by loan_id),
     newest as (
         select loan_id, max_by(monthly, as_of) as row from monthly group by loan_id
     ),
     received as (
         select loan_id, cast(sum(amount_signed) as decimal(18,2)) as payments_received,
                max(case when amount_signed > 0 then value_on end) as last_paid_on
         from payments
         group by loan_id
     ),
     joined as (
         select loans.*, first_dues.total_due as installment_amount, observed.observed_until as as_of,
                case when outcomes.outcome_code = 'CHARGED_OFF' or ended.ended_by_code = 'write_off' then 'WRITTEN_OFF'
                     when outcomes.outcome_code = 'PAID_IN_FULL' or ended.ended_by_code = 'foreclosure'
                       or not scheduled.is_in_book then 'CLOSED'
                     when newest.loan_id is not null or scheduled.loan_id is not null then 'ACTIVE'
                     else 'UNKNOWN' end as status_code,
                newest.row as newest, received.payments_received, received.last_paid_on,
                outcomes.outcome_code, outcomes.outcome_on,
                coalesce(outcomes.principal_charged_off, charged_off.principal_charged_off) as principal_charged_off
         from loans
         inner join observed on loans.source = observed.source
         left join outcomes on loans.loan_id = outcomes.loan_id
         left join ended on loans.loan_id = ended.loan_id
         left join charged_off on loans.loan_id = charged_off.loan_id
         left join first_dues on loans.loan_id = first_dues.loan_id
         left join scheduled on loans.loan_id = scheduled.loan_id
         left join newest on loans.loan_id = newest.loan_id
         left join received on loans.loan_id = received.loan_id
     ),
     final as (
         select loan_id, application_id, customer_id, branch_id, entity_id, product_code, currency, scheme_code,
                principal, disbursed_on, annual_rate, installments, installment_amount,
                -- a credit line is known until its last statement, which may be before the source's last day
                case when status_code = 'ACTIVE' then coalesce(newest.as_of, as_of) else as_of end as as_of,
                status_code,
                {% for column, at_end in [('principal_outstanding', '0'), ('total_overdue', '0'), ('dpd', 'null'),
                                          ('dpd_bucket_code', 'null'), ('months_past_due', 'null')] %}
                -- a loan that left the book has no balance and no days past due
                case when status_code = 'ACTIVE' then newest.{{ column }}
                     when status_code = 'UNKNOWN' then null else {{ at_end }} end as {{ column }},
                {% endfor %}
                payments_received, last_paid_on, outcome_code, outcome_on, principal_charged_off, source
         from joined
     )
select * from final
