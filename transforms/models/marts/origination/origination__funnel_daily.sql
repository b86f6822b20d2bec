with applications as (select * from {{ ref('stg_origination__applications') }}),
     disbursed as (select * from {{ ref('int_origination__applications_disbursed') }}),
     counted as (
         select applications.applied_on, applications.product_code, applications.channel_code, applications.branch_id,
                applications.entity_id, applications.currency,
                count(*) as applications_received,
                count(*) filter (where applications.decision_code = 'APPROVED') as applications_approved,
                count(*) filter (where applications.decision_code = 'REJECTED') as applications_rejected,
                count(*) filter (where applications.decision_code = 'REFERRED') as applications_referred,
                count(*) filter (where applications.decision_code = 'PENDING') as applications_pending,
                cast(coalesce(sum(disbursed.loans_disbursed), 0) as bigint) as loans_disbursed,
                cast(sum(applications.amount_requested) as decimal(18,2)) as amount_requested,
                cast(coalesce(sum(applications.amount_sanctioned), 0) as decimal(18,2)) as amount_sanctioned,
                cast(coalesce(sum(disbursed.amount_disbursed), 0) as decimal(18,2)) as amount_disbursed
         from applications
         left join disbursed on applications.application_id = disbursed.application_id
         group by all
     ),
     final as (
         select *, {{ share('applications_approved', 'applications_approved + applications_rejected') }} as approval_rate
         from counted
     )
select * from final
