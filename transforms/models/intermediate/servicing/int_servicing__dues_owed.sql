-- Everything a scheduled loan comes to owe, in the order in which receipts settle it: by due date, and inside a date the
-- installment before the charge (CV-08). A charge that was reversed is not owed.
with schedules as (select * from {{ source('kernels', 'contractual_schedules') }}),
     loans as (select * from {{ ref('stg_servicing__loans') }}),
     events as (select * from {{ ref('stg_servicing__events') }}),
     ended as (select * from {{ ref('int_servicing__loans_ended') }}),

     reversed as (select distinct reverses_event_id from events where event_type_code = 'reversal'),
     charges as (
         select events.loan_id, events.value_on as due_on, sum(events.amount) as total_due
         from events
         left join reversed on events.event_id = reversed.reverses_event_id
         where events.event_type_code = 'charge' and reversed.reverses_event_id is null
         group by all
     ),
     charged as (select distinct loan_id from charges),
     -- most loans have no charge: their running totals are those of the schedule
     plain as (
         select schedules.loan_id, schedules.due_on, 0 as due_order, schedules.principal_due, schedules.interest_due,
                schedules.total_due, schedules.total_due_to_date, schedules.principal_outstanding
         from schedules
         anti join charged on schedules.loan_id = charged.loan_id
     ),
     mixed as (
         select schedules.loan_id, schedules.due_on, 0 as due_order, schedules.principal_due, schedules.interest_due,
                schedules.total_due, schedules.principal_outstanding
         from schedules
         inner join charged on schedules.loan_id = charged.loan_id
         union all
         select charges.loan_id, charges.due_on, 1, 0, 0, charges.total_due, null
         from charges
         inner join schedules on charges.loan_id = schedules.loan_id and schedules.installment_number = 1
     ),
     ordered as (
         select mixed.loan_id, mixed.due_on, mixed.due_order, mixed.principal_due, mixed.interest_due, mixed.total_due,
                sum(mixed.total_due) over so_far as total_due_to_date,
                coalesce(last_value(mixed.principal_outstanding ignore nulls) over so_far, loans.principal)
                    as principal_outstanding
         from mixed
         inner join loans on mixed.loan_id = loans.loan_id
         window so_far as (
             partition by mixed.loan_id order by mixed.due_on, mixed.due_order
             rows between unbounded preceding and current row
         )
     ),
     together as (select * from plain union all select * from ordered),
     final as (
         select together.loan_id, together.due_on, together.due_order = 1 as is_charge,
                cast(together.principal_due as decimal(18,2)) as principal_due,
                cast(together.interest_due as decimal(18,2)) as interest_due,
                cast(together.total_due as decimal(18,2)) as total_due,
                cast(together.total_due_to_date as decimal(18,2)) as total_due_to_date,
                cast(together.principal_outstanding as decimal(18,2)) as principal_outstanding,
                -- what a foreclosure or write-off left unbilled never falls due
                ended.ended_on is null or together.due_on <= ended.ended_on as is_billed
         from together
         left join ended on together.loan_id = ended.loan_id
     )
select * from final
